#include "health/priority.h"
