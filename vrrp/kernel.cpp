#include "vrrp/kernel.h"
