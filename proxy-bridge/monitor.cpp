#include "proxy-bridge/monitor.h"
