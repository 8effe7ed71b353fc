#include "supervisor/status.h"
