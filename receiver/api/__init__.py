"""The API for partners who pull: lists of a source's deliveries, single ones, and a stream of them.

An application of its own. It calls operations, is off unless there is a token, and nothing else knows of it.
"""

from .application import Host, create_api
from .openapi import openapi
from .problems import Busy, Problem

__all__ = ["Busy", "Host", "Problem", "create_api", "openapi"]
