#include "vrrp/address.h"
