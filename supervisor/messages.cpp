#include "supervisor/messages.h"
