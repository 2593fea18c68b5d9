"""New handlers: their files, made from those in `files/`, ready to be edited."""

from .making import CannotMake, Made, make_handler, make_package

__all__ = ["CannotMake", "Made", "make_handler", "make_package"]
