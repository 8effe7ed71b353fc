#include "supervisor/checks.h"
