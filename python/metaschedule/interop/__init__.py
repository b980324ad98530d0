# SPDX-License-Identifier: Apache-2.0
"""Bridges to other compilers, each imported by name: `from metaschedule.interop import tvm`."""
