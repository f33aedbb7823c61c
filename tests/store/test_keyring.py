"""Secrets at rest."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.fernet import Fernet

from tests.store.examples import NOW
from upsales_wistia.errors import DeploymentError
from upsales_wistia.store import customers, directory, versions
from upsales_wistia.store.database import database
from upsales_wistia.store.directory import DirectoryEntry
from upsales_wistia.store.keyring import Keyring

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


def test_what_is_sealed_opens_for_its_customer_alone() -> None:
    ring = Keyring([OLD])
    sealed = ring.seal(1, "token")
    assert ring.open(1, sealed) == "token"
    with pytest.raises(DeploymentError, match="belongs to another customer"):
        ring.open(2, sealed)


def test_a_newer_key_seals_and_the_older_still_opens() -> None:
    sealed = Keyring([OLD]).seal(1, "token")
    both = Keyring([NEW, OLD])
    assert both.open(1, sealed) == "token"
    assert Keyring([NEW]).open(1, both.seal(1, "newer")) == "newer"
    with pytest.raises(DeploymentError, match="cannot be read with the keys"):
        Keyring([NEW]).open(1, sealed)


def test_digests_are_the_customers_own_and_need_the_key(store: str) -> None:
    ring = Keyring([OLD])
    assert ring.digest(1, "ada@acme.se") == Keyring([OLD]).digest(1, "ada@acme.se")
    assert ring.digest(1, "ada@acme.se") != ring.digest(2, "ada@acme.se")
    with pytest.raises(DeploymentError, match="key of the contacts' hashes cannot be read"):
        Keyring([NEW]).digest(1, "ada@acme.se")
    assert "ada" not in str(database.execute_sql("SELECT * FROM instance").fetchall())


def test_digests_outlive_a_rotation_and_the_dropped_key(customer: int) -> None:
    before = Keyring([OLD]).digest(1, "ada@acme.se")
    both = Keyring([NEW, OLD])
    assert both.digest(1, "ada@acme.se") == before
    customers.rotate_to(both)
    assert Keyring([NEW]).digest(1, "ada@acme.se") == before


def test_digests_from_before_their_key_was_stored_are_still_good(store: str) -> None:
    key = hashlib.sha256(b"upsales-wistia digest\0" + OLD.encode()).digest()
    stored = hmac.new(key, b"1\0ada@acme.se", hashlib.sha256).hexdigest()
    assert Keyring([NEW, OLD]).digest(1, "ada@acme.se") == stored


def test_directories_are_read_anew_when_the_key_of_their_digests_is_lost(customer: int) -> None:
    entry = DirectoryEntry(1, Keyring([OLD]).digest(customer, "acme.se"), 7)
    directory.save(customer, [entry])
    customers.update_setup(customer, directory_read_at=NOW.isoformat(), search="crawl")
    customers.rotate_to(Keyring([NEW, OLD]))
    assert directory.last_id(customer) == 1
    customers.rotate_to(Keyring([OTHER]))
    assert directory.last_id(customer) == 0
    assert customers.setup(customer)["directory_read_at"] is None
    assert customers.setup(customer)["search"] == "crawl"
    assert Keyring([OTHER]).digest(1, "x") != Keyring([OTHER]).digest(2, "x")


def test_everything_of_a_customer_is_resealed_and_the_old_key_can_go(customer: int) -> None:
    for name in customers.SECRET_NAMES:
        customers.save_secret(Keyring([OLD]), customer, name, f"s3cret {name}", NOW)
    both = Keyring([NEW, OLD])
    customers.rotate_to(both)
    assert customers.reseal(both, customer) == len(customers.SECRET_NAMES)
    assert customers.reseal(both, customer) == 0
    found = customers.secrets(Keyring([NEW]), customer)
    assert found == {name: f"s3cret {name}" for name in customers.SECRET_NAMES}
    with pytest.raises(DeploymentError, match="cannot be read"):
        customers.secrets(Keyring([OLD]), customer)


def test_a_secret_that_no_key_opens_keeps_all_of_its_customer_as_they_are(customer: int) -> None:
    customers.save_secret(Keyring([OLD]), customer, "apiKey", "one", NOW)
    customers.save_secret(Keyring([OTHER]), customer, "maveraApiKey", "two", NOW)
    before = database.execute_sql("SELECT id, sealed FROM credentials ORDER BY id").fetchall()
    with pytest.raises(DeploymentError, match=f"customer {customer} cannot be read"):
        customers.reseal(Keyring([NEW, OLD]), customer)
    after = database.execute_sql("SELECT id, sealed FROM credentials ORDER BY id").fetchall()
    assert after == before


def test_a_process_with_the_old_key_alone_cannot_seal_after_a_rotation(customer: int) -> None:
    stale, both = Keyring([OLD]), Keyring([NEW, OLD])
    customers.save_secret(both, customer, "apiKey", "before", NOW)
    customers.rotate_to(both)
    with pytest.raises(DeploymentError, match="Restart it"):
        customers.save_secret(stale, customer, "apiKey", "stale", NOW)
    assert customers.secrets(both, customer) == {"apiKey": "before"}
    customers.save_secret(Keyring([NEW]), customer, "apiKey", "after", NOW)
    assert customers.secrets(both, customer) == {"apiKey": "after"}


@pytest.mark.parametrize("keys", [[], ["too short"], [OLD, "é"]])
def test_keys_that_are_none_are_refused_in_a_sentence(keys: list[str]) -> None:
    with pytest.raises(DeploymentError, match="ENCRYPTION_KEYS"):
        Keyring(keys)


def test_the_raw_column_holds_ciphertext(customer: int) -> None:
    ring = Keyring([OLD])
    customers.save_secret(ring, customer, "wistiaApiPassword", "s3cret-token", NOW)
    rows = str(database.execute_sql("SELECT * FROM credentials").fetchall())
    assert "wistiaApiPassword" in rows
    assert "s3cret-token" not in rows
    assert customers.secrets(ring, customer) == {"wistiaApiPassword": "s3cret-token"}


def test_a_row_moved_to_another_customer_is_not_read(customer: int) -> None:
    ring = Keyring([OLD])
    customers.add(1, "One", "cli", NOW)
    customers.save_secret(ring, customer, "apiKey", "key", NOW)
    database.execute_sql("UPDATE credentials SET customer_id = 1")
    with pytest.raises(DeploymentError, match="belongs to another customer"):
        customers.secrets(ring, 1)


def test_a_secret_is_replaced_and_an_empty_one_deletes_it(customer: int) -> None:
    ring = Keyring([OLD])
    for value in ("first", "second"):
        customers.save_secret(ring, customer, "apiKey", value, NOW)
    assert customers.secrets(ring, customer) == {"apiKey": "second"}
    customers.save_secret(ring, customer, "apiKey", "", NOW)
    assert customers.secrets(ring, customer) == {}


def test_only_secrets_are_saved_as_secrets_and_none_in_a_configuration(customer: int) -> None:
    with pytest.raises(ValueError, match="not the name of a secret"):
        customers.save_secret(Keyring([OLD]), customer, "formScore", "1", NOW)
    for name in customers.SECRET_NAMES:
        with pytest.raises(ValueError, match=name) as raised:
            versions.save(customer, {name: "s3cret", "formScore": 1}, [], "cli", NOW)
        assert "s3cret" not in str(raised.value)
    assert versions.current(customer) is None
