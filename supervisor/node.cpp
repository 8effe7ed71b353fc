#include "supervisor/node.h"
