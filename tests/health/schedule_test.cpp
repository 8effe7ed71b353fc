#include "health/schedule.h"
