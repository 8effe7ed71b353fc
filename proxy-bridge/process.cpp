#include "proxy-bridge/process.h"
