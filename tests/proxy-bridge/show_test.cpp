#include "proxy-bridge/show.h"
