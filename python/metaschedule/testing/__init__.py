# SPDX-License-Identifier: Apache-2.0
"""Ready-made workloads and helpers for tests."""
