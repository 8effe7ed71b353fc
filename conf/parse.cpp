#include "conf/parse.h"
