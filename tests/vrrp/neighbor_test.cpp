#include "vrrp/neighbor.h"
