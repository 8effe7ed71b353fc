#include "vrrp/wire.h"
