"""The operator enters agencies, facilities, users and tokens; what is wrong is told by line and field."""

import datetime as dt
import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from exchange_making import NOW

from detainer.exchange import refusals
from detainer.exchange.refusals import Refused

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
OURS = "code,name,kind,city,county,state,agency\n"


@pytest.fixture
def jail(party: Callable[..., Any]) -> Any:
    """An enrolled agency with a jail."""
    return party("custodian")


@pytest.fixture(autouse=True)
def _the_operator(jail: Any, as_worker: Callable[..., Any]) -> Iterator[None]:
    with as_worker():
        yield


def written(folder: Path, text: str, name: str = "list.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def refused_by(act: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as found:
        act()
    return found.value


def test_a_list_of_our_own_is_entered_and_may_be_entered_again(tmp_path: Path) -> None:
    from detainer.exchange import models, register

    file = written(tmp_path, OURS + "TESTJ1,Test Jail,jail,Testville,Test,MA,\n")
    assert register.import_file(file) == (0, 1)
    assert register.import_file(file) == (0, 1)
    found = models.Facility.objects.get(pk="TESTJ1")
    assert (found.name, found.zone, found.agency) == ("Test Jail", "America/New_York", None)


def test_every_wrong_line_is_told_by_number_and_nothing_is_written(tmp_path: Path) -> None:
    from detainer.exchange import models, register

    file = written(tmp_path, OURS + "TESTJ2,Good,jail,,,MA,\nx,Short code,jail,,,MA,\nTESTJ3,Bad kind,zoo,,,MA,\n")
    refused = refused_by(lambda: register.import_file(file))
    assert [error.field for error in refused.errors] == ["line 3.code", "line 4.kind"]
    assert "nothing was written" in refused.detail
    assert not models.Facility.objects.filter(pk="TESTJ2").exists()


def test_a_facility_of_an_agency_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    from detainer.exchange import register

    file = written(tmp_path, OURS + "TESTJ4,Lost,jail,,,MA,no_such_agency\n")
    assert "[no_such_agency]" in refused_by(lambda: register.import_file(file)).detail


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n1,2\n", "has the columns a, b: wanted are"),
        (b"", "has the columns of no header"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_file_that_is_no_directory_is_refused_with_what_is_wanted(content: bytes, says: str, tmp_path: Path) -> None:
    from detainer.exchange import register

    file = tmp_path / "x.csv"
    file.write_bytes(content)
    assert says in refused_by(lambda: register.import_file(file)).detail


def test_a_file_that_is_cut_off_or_absent_is_refused(tmp_path: Path) -> None:
    from detainer.exchange import register

    cut = tmp_path / "x.csv.gz"
    cut.write_bytes(gzip.compress(OURS.encode() * 100)[:-20])
    assert "cannot be read" in refused_by(lambda: register.import_file(cut)).detail
    assert "No such file" in refused_by(lambda: register.import_file(tmp_path / "absent.csv")).detail


def test_a_public_list_never_changes_the_facility_of_an_enrolled_agency(jail: Any, tmp_path: Path) -> None:
    from detainer.exchange import models, register

    header = "detention_facility_code,detention_facility,city,county,state,type\n"
    file = written(tmp_path, header + f"{jail.facility},SOMEWHERE ELSE,NOWHERE,KINGS,NY,IGSA\n")
    assert register.import_file(file) == (0, 0)
    found = models.Facility.objects.get(pk=jail.facility)
    assert (found.agency_id, found.state, found.jurisdiction) == (jail.id, "MA", "us/ma/essex")


if SHARED.is_dir():  # beside a developer's checkout

    def test_the_real_lists_of_facilities_and_of_offices_are_entered_in_seconds() -> None:
        from detainer.exchange import directory, models, register

        began = time.process_time()
        assert register.import_file(SHARED / "facilities.csv.gz")[1] > 1900
        assert register.import_file(SHARED / "ori_agencies_2025.csv.gz")[1] > 18000
        assert time.process_time() - began < 15  # seconds of our own work: the machine may be busy
        assert models.Facility.objects.get(pk="MA0050100").name == "Amesbury Police"
        essex = models.Facility.objects.get(pk="ESSEXMA")
        assert {"ESSEXNJ", "ESSEXNY"} <= {found.code for found in directory.same_named(essex)}


def test_a_user_gets_roles_at_an_agency_and_may_get_more(jail: Any) -> None:
    from detainer.exchange import models, register

    user = register.add_user("new.clerk", "a long enough phrase", jail.key, ["clerk"])
    register.add_user("new.clerk", "is not looked at again", jail.key, ["supervisor"])
    roles = set(models.Membership.objects.filter(user=user, agency=jail.id).values_list("role", flat=True))
    assert roles == {"clerk", "supervisor"}
    assert models.User.objects.get(pk=user.pk).check_password("a long enough phrase")


@pytest.mark.parametrize(
    ("username", "password", "role", "field"),
    [
        ("someone", "too short", "clerk", "password"),
        ("someone", "1q2w3e4r5t6y", "clerk", "password"),
        ("a name<with>tags", "a long enough phrase", "clerk", "username"),
        ("someone", "a long enough phrase", "sheriff", "role"),
    ],
)
def test_a_weak_password_a_bad_name_and_an_unknown_role_are_refused(
    username: str, password: str, role: str, field: str, jail: Any
) -> None:
    from detainer.exchange import models, register

    refused = refused_by(lambda: register.add_user(username, password, jail.key, [role]))
    assert [error.field for error in refused.errors] == [field]
    assert not models.User.objects.filter(username=username).exists()


def test_an_agency_that_is_not_there_is_refused_with_those_that_are() -> None:
    from detainer.exchange import register

    assert "there is no agency [nowhere]; enrolled are: " in refused_by(lambda: register.agency("nowhere")).detail


def test_of_a_token_only_the_hash_is_kept_and_it_opens_for_its_agency_until_it_ends(jail: Any) -> None:
    from detainer.exchange import models, register, session

    secret = register.add_token(jail.key, "roster", ["custody"], now=NOW, days=30)
    assert not models.Token.objects.filter(secret_hash=secret).exists()
    actor = session.machine(secret, NOW)
    assert actor is not None
    assert (actor.agency, actor.roles) == (jail.id, frozenset({"clerk"}))
    assert session.machine(secret, NOW + dt.timedelta(days=31)) is None
    assert session.machine(secret + "x", NOW) is None


@pytest.mark.parametrize(("scopes", "user", "field"), [(["everything"], None, "scope"), (["read"], "nobody.here", "user")])
def test_a_token_for_an_unknown_scope_or_user_is_refused(scopes: list[str], user: str | None, field: str, jail: Any) -> None:
    from detainer.exchange import register

    refused = refused_by(lambda: register.add_token(jail.key, "x", scopes, now=NOW, username=user))
    assert refused.errors == (refusals.FieldError(field, refused.errors[0].message),)
