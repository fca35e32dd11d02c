"""What readers made of the proposals of a study, read for the audit of the model."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import select

from annotator.domain.model_audit import Case, cases_of
from annotator.store import decisions
from annotator.store.database import Database
from annotator.store.reading_rows import fetch
from annotator.store.run_rows import fetch_run
from annotator.store.tables import image, reveal


def model_cases(database: Database, study_id: int) -> list[Case]:
    """Every proposal that a reader of a study was shown and that counts, and every box they added by hand;
    see `domain.model_audit.cases_of`. Withdrawn images do not count."""
    shown = (
        select(reveal.c.image_id, reveal.c.reader_id, reveal.c.run_id)
        .join(image, image.c.id == reveal.c.image_id)
        .where(image.c.study_id == study_id, image.c.withdrawn_at.is_(None))
        .order_by(reveal.c.image_id, reveal.c.reader_id, reveal.c.run_id)
    )
    cases: list[Case] = []
    with database.read() as connection:
        rows = connection.execute(shown).all()
        for (image_id, reader_id), own in groupby(rows, key=lambda row: (row.image_id, row.reader_id)):
            stored = fetch(connection, image_id, reader_id)
            if stored is not None:
                facts = stored.reading.facts
                runs = [fetch_run(connection, row.run_id).named_for(facts) for row in own]
                cases += cases_of(stored.reading, runs, decisions.of_image(connection, image_id, reader_id))
    return cases
