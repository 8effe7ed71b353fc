#include "supervisor/virtual_router.h"
