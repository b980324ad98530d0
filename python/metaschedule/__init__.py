# SPDX-License-Identifier: Apache-2.0
"""metaschedule tunes tensor programs."""

__version__ = "0.1.0"
