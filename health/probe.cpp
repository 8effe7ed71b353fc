#include "health/probe.h"
