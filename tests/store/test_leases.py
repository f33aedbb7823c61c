"""One run per customer, whatever happens to the others."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.store.examples import NOW
from upsales_wistia.errors import LeaseBusy, LeaseLost
from upsales_wistia.store import customers, instance
from upsales_wistia.store.database import database, session
from upsales_wistia.store.leases import Lease, claim, hold


def claimed(customer: int, seconds: float = 60) -> Lease:
    lease = claim(customer, seconds)
    assert lease
    return lease


def run_out(customer: int) -> None:
    """Let the customer's lease have run out."""
    database.execute_sql(f"UPDATE leases SET until = 1 WHERE customer_id = {customer}")


def remaining(customer: int) -> float:
    ((until,),) = database.execute_sql(
        f"SELECT until FROM leases WHERE customer_id = {customer}"
    ).fetchall()
    return float(until)


def test_of_many_that_claim_at_once_one_wins(customer: int) -> None:
    together = threading.Barrier(8)

    def contend(_: int) -> Lease | None:
        with session():
            together.wait()
            return claim(customer, 60)

    with ThreadPoolExecutor(8) as threads:
        won = [lease for lease in threads.map(contend, range(8)) if lease]
    assert len(won) == 1


def test_many_that_claim_a_dead_ones_lease_at_once_have_one_winner(customer: int) -> None:
    claimed(customer)
    run_out(customer)
    together = threading.Barrier(8)

    def contend(_: int) -> Lease | None:
        with session():
            together.wait()
            return claim(customer, 60)

    with ThreadPoolExecutor(8) as threads:
        won = [lease for lease in threads.map(contend, range(8)) if lease]
    assert len(won) == 1


def test_a_lease_is_free_again_when_released_and_when_it_ran_out(customer: int) -> None:
    first = claimed(customer)
    assert claim(customer, 60) is None
    first.release()
    claimed(customer)
    run_out(customer)
    claimed(customer)


def test_leases_of_different_customers_do_not_meet(customer: int) -> None:
    customers.add(1, "One", "cli", NOW)
    claimed(customer)
    claimed(1)


def test_a_commit_under_the_lease_renews_it(customer: int) -> None:
    lease = claimed(customer)
    run_out(customer)
    with lease.commit():
        instance.write("page", "1")
    assert instance.read("page") == "1"
    assert claim(customer, 60) is None


def test_a_stolen_lease_refuses_the_commit_before_the_block(customer: int) -> None:
    zombie = claimed(customer)
    run_out(customer)
    claimed(customer)
    with pytest.raises(LeaseLost, match="taken over"), zombie.commit():
        instance.write("page", "1")
    assert instance.read("page") is None


def test_an_error_in_a_commit_rolls_back_what_it_wrote(customer: int) -> None:
    lease = claimed(customer)

    def write_and_fail() -> None:
        with lease.commit():
            instance.write("page", "1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert instance.read("page") is None


def test_what_was_written_before_a_lost_lease_in_one_transaction_is_rolled_back(
    customer: int,
) -> None:
    zombie = claimed(customer)
    run_out(customer)
    claimed(customer)

    def write_and_commit() -> None:
        with database.atomic():
            instance.write("page", "1")
            zombie.renew()

    with pytest.raises(LeaseLost):
        write_and_commit()
    assert instance.read("page") is None


def test_releasing_a_stolen_lease_leaves_the_thiefs(customer: int) -> None:
    zombie = claimed(customer)
    run_out(customer)
    thief = claimed(customer)
    zombie.release()
    thief.renew()


def test_a_removed_customers_run_cannot_commit(customer: int) -> None:
    lease = claimed(customer)
    customers.remove(customer)
    with pytest.raises(LeaseLost), lease.commit():
        pass


def test_holding_frees_the_lease_at_the_end_and_after_an_error(customer: int) -> None:
    with hold(customer, 60, wait=False, heartbeat=False), pytest.raises(LeaseBusy):
        hold(customer, 60, wait=False).__enter__()
    with pytest.raises(RuntimeError), hold(customer, 60, wait=False):
        raise RuntimeError
    claimed(customer)


def test_the_heartbeat_keeps_the_lease(customer: int) -> None:
    with hold(customer, 0.6, wait=False):
        before = remaining(customer)
        for _ in range(100):
            threading.Event().wait(0.05)
            if remaining(customer) > before + 0.6:
                break
        else:
            pytest.fail("the lease was not renewed past its length")
        assert claim(customer, 60) is None


def test_the_heartbeat_of_a_stolen_lease_does_not_take_it_back(customer: int) -> None:
    with hold(customer, 0.3, wait=False) as mine:
        database.execute_sql("UPDATE leases SET owner = 'thief', until = 1")
        threading.Event().wait(0.3)
        assert remaining(customer) == 1
        with pytest.raises(LeaseLost):
            mine.renew()


def test_waiting_takes_the_lease_when_it_is_released(customer: int) -> None:
    first = claimed(customer)
    waiting = threading.Event()

    def wait() -> bool:
        with session():
            waiting.set()
            with hold(customer, 0.5, wait=True):
                return True

    with ThreadPoolExecutor(1) as thread:
        held = thread.submit(wait)
        waiting.wait()
        first.release()
        assert held.result(timeout=10)


def test_waiting_takes_a_dead_ones_lease_once_it_has_run_out(customer: int) -> None:
    claimed(customer, 0.2)
    with hold(customer, 0.5, wait=True, heartbeat=False) as lease:
        lease.renew()
