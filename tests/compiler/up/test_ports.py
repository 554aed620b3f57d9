"""Addresses: one for each name, and the same one again."""

import socket
from pathlib import Path

import pytest

from mesh_compiler.up.ports import HOST, PortBook


def number(address: str) -> int:
    return int(address.removeprefix(f"{HOST}:"))


def test_a_name_keeps_its_address_and_shares_it_with_nobody():
    book = PortBook()
    first = [book.address(f"name {index}") for index in range(50)]
    assert [book.address(f"name {index}") for index in range(50)] == first
    assert len(set(first)) == 50


def test_the_next_run_gives_the_same_addresses(tmp_path: Path):
    book = PortBook(tmp_path / "ports.json")
    given = [book.address("a"), book.address("b")]
    book.save()
    again = PortBook(tmp_path / "ports.json")
    assert [again.address("a"), again.address("b")] == given


def test_an_address_that_somebody_else_took_is_replaced(tmp_path: Path):
    book = PortBook(tmp_path / "ports.json")
    address = book.address("a")
    book.save()
    with socket.socket() as other:
        other.bind((HOST, number(address)))
        other.listen()
        assert PortBook(tmp_path / "ports.json").address("a") != address


@pytest.mark.parametrize("text", ["", "[]", '{"a": "b"}', '{"a": 99999999}', "nonsense"])
def test_a_damaged_book_is_begun_anew(tmp_path: Path, text: str):
    (tmp_path / "ports.json").write_text(text)
    assert PortBook(tmp_path / "ports.json").address("a").startswith(HOST)


def test_two_names_of_a_damaged_book_do_not_share_a_port(tmp_path: Path):
    free = number(PortBook().address("x"))
    (tmp_path / "ports.json").write_text(f'{{"a": {free}, "b": {free}}}')
    book = PortBook(tmp_path / "ports.json")
    assert book.address("a") != book.address("b")
