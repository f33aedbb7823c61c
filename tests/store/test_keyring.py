"""Secrets at rest."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from tests.store.examples import NOW
from upsales_wistia.errors import DeploymentError
from upsales_wistia.store import customers, versions
from upsales_wistia.store.database import database
from upsales_wistia.store.keyring import Keyring

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


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


def test_digests_are_the_customers_own_and_outlive_a_newer_key() -> None:
    ring = Keyring([OLD])
    assert ring.digest(1, "ada@acme.se") == Keyring([NEW, OLD]).digest(1, "ada@acme.se")
    assert ring.digest(1, "ada@acme.se") != ring.digest(2, "ada@acme.se")
    assert ring.digest(1, "ada@acme.se") != Keyring([NEW]).digest(1, "ada@acme.se")


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
