# SPDX-License-Identifier: Apache-2.0
"""Other names for the library: `compat.tvm` is what scripts written for TVM import."""
