#include "vrrp/timing.h"
