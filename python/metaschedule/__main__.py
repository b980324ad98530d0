# SPDX-License-Identifier: Apache-2.0
"""`python -m metaschedule`."""

import sys

from .cli import main

sys.exit(main())
