"""Whether runs, decisions and reveals fit to the readings, and to what the audit tells of them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, Integer, cast, func, select, union

from annotator.domain.annotations import Reading
from annotator.store import decisions
from annotator.store.replay import replay
from annotator.store.reveal_rows import reveals_of
from annotator.store.run_rows import fetch_run
from annotator.store.tables import annotation, audit, decision, proposal, reading, reveal, run


def problems(connection: Connection) -> Iterator[str]:
    """A sentence for each thing that does not fit."""
    yield from _runs(connection)
    yield from _strays(connection)
    pairs = union(
        select(run.c.image_id, decision.c.reader_id)
        .join(proposal, proposal.c.run_id == run.c.id)
        .join(decision, decision.c.proposal_id == proposal.c.id),
        select(reveal.c.image_id, reveal.c.reader_id),
        select(cast(func.substr(audit.c.subject, len("image ") + 1), Integer), audit.c.person_id).where(
            audit.c.action == "reveal"
        ),
    )
    for image_id, reader_id in connection.execute(pairs.order_by("image_id", "reader_id")).all():
        try:
            yield from _of_reader(connection, image_id, reader_id)
        except (ValueError, KeyError, TypeError) as error:
            yield f"What person {reader_id} decided on image {image_id} cannot be read: {error}."


def _runs(connection: Connection) -> Iterator[str]:
    for run_id in connection.scalars(select(run.c.id).order_by(run.c.id)).all():
        try:
            fetch_run(connection, run_id)
        except (ValueError, KeyError) as error:
            yield f"Run {run_id} cannot be read: {error}."


def _strays(connection: Connection) -> Iterator[str]:
    """Annotations that come from, and reveals that tell of, a run over another image."""
    from_proposal: ColumnElement[bool] = annotation.c.proposal_id == proposal.c.id
    strays = (
        select(annotation.c.reading_id, annotation.c.joint)
        .join(proposal, from_proposal)
        .join(run, run.c.id == proposal.c.run_id)
        .join(reading, reading.c.id == annotation.c.reading_id)
        .where(run.c.image_id != reading.c.image_id)
    )
    for reading_id, joint in connection.execute(strays):
        yield f"{joint} of reading {reading_id} comes from a proposal for another image."
    misled = select(reveal.c.run_id).join(run, run.c.id == reveal.c.run_id)
    for run_id in connection.scalars(misled.where(run.c.image_id != reveal.c.image_id)):
        yield f"Run {run_id} was revealed for another image."


def _of_reader(connection: Connection, image_id: int, reader_id: int) -> Iterator[str]:
    told = replay(connection, image_id, reader_id)
    if decisions.of_image(connection, image_id, reader_id) != told.decisions:
        yield f"The decisions of person {reader_id} on image {image_id} are not what the audit tells."
    stored = reveals_of(connection, image_id, reader_id)
    if {one.run_id for one in stored} != set(told.before):
        yield f"What person {reader_id} was shown of image {image_id} is not what the audit tells."
    for one in stored:
        then = told.before.get(one.run_id) or Reading(image_id, reader_id, one.before.facts)
        if one.before != then:
            yield f"Image {image_id} was not read by person {reader_id} as run {one.run_id} is said to show."
