#include "vrrp/router.h"
