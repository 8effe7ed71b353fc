#include "vrrp/acceptance.h"
