"""One cluster for the tests of a session: real PostgreSQL, RabbitMQ and Redis, a server, two workers."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
