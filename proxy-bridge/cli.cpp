#include "proxy-bridge/cli.h"
