"""What the pages need from the rest of the house, and nothing more."""

from __future__ import annotations

from typing import Protocol

from ..clock import Clock
from ..config import Config
from ..status import StatusData


class Services(Protocol):
    """The part of the object graph that the web is given."""

    @property
    def config(self) -> Config:
        """The process's environment."""

    @property
    def clock(self) -> Clock:
        """What time the pages take it to be."""

    def check_database(self) -> None:
        """Raise DeploymentError with the cause when the database does not answer."""

    def status_page(self, customer_id: int) -> StatusData | None:
        """What the status page of a customer shows; None when there is no such customer.

        Raises DeploymentError when the database does not answer.
        """
