"""The content of a DICOM SR, through highdicom: what the docstring of `dicom_sr` says."""

from __future__ import annotations

import re
import struct
import uuid
from datetime import datetime
from pathlib import Path

import numpy as np
from highdicom import UID
from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import (
    CodedConcept,
    ComprehensiveSR,
    FindingSite,
    GraphicTypeValues,
    ImageRegion,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    SourceImageForRegion,
    TrackingIdentifier,
    srread,
)
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_file_meta_info
from pydicom.sr.codedict import codes
from pydicom.uid import ComprehensiveSRStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pydicom.valuerep import DT

from annotator import __version__
from annotator.domain.geometry import Box
from annotator.domain.joints import Side
from annotator.exchange.dicom_sr import Report, Source
from annotator.exchange.labels import NOTICE, WORDS, LabelledImage, LabelledJoint, label_from, words

SCHEME = "99KNUCKLE"
FAULTS = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, OverflowError),
    *(InvalidDicomError, struct.error, EOFError),
)
"""What pydicom and highdicom raise for a file that is no such report."""
Group = PlanarROIMeasurementsAndQualitativeEvaluations | MeasurementsAndQualitativeEvaluations
_FINGER_JOINT = codes.SCT.FingerJoint
_SIDES = {Side.RIGHT: codes.SCT.Right, Side.LEFT: codes.SCT.Left}
_NOBODY = "unknown"
_POINTS = 5


def dataset(image: LabelledImage, source: Source, reader: str, at: datetime, number: int) -> ComprehensiveSR:
    """One reader's report on an image, all of whose labels are that reader's. number: of the report."""
    said = "\0".join(repr(label) for label in image.joints)
    # A family name alone is written with its caret.
    name = re.sub(r"[\^=\\]", " ", reader)[:60].strip() or _NOBODY
    observer = PersonObserverIdentifyingAttributes(f"{name}^", login_name=reader or None)
    context = ObservationContext(observer_person_context=ObserverContext(codes.DCM.Person, observer))
    content = MeasurementReport(
        observation_context=context,
        procedure_reported=codes.DCM.ComputedRadiography,
        imaging_measurements=[_group(label, source, reader) for label in image.joints],
        title=codes.DCM.ImagingMeasurementReport,
    )
    made = ComprehensiveSR(
        evidence=[_evidence(image, source)],
        content=content,
        series_instance_uid=_uid("series", source.sop_instance_uid, reader),
        series_number=number,
        sop_instance_uid=_uid("report", source.sop_instance_uid, reader, at.isoformat(), said),
        instance_number=1,
        manufacturer="Knuckle",
        is_complete=all(label.confirmed or label.not_assessable for label in image.joints),
        manufacturer_model_name="Knuckle",
        software_versions=__version__,
        series_description=NOTICE,
        content_date=at.date(),
        content_time=at.time().replace(microsecond=0),
        series_date=at.date(),
        series_time=at.time().replace(microsecond=0),
        coding_schemes=[
            CodingSchemeIdentificationItem(
                SCHEME, name="Knuckle", version="1", responsible_organization="Knuckle"
            )
        ],
    )
    # highdicom puts the time of day into both.
    for equipment in made.ContributingEquipmentSequence:
        equipment.ContributionDateTime = DT(at.strftime("%Y%m%d%H%M%S"))
    made.InstanceCreationDate, made.InstanceCreationTime = made.ContentDate, made.ContentTime
    return made


def _uid(*key: str) -> UID:
    """Made of the key alone (PS3.5 B.2: 2.25. and a UUID as a number)."""
    return UID(f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, chr(0).join(('knuckle', 'sr', *key))).int}")


def _evidence(image: LabelledImage, source: Source) -> Dataset:
    """What a report takes over from its image: the UIDs, and the patient code in the place of an identity."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = source.sop_class_uid, source.sop_instance_uid
    made.StudyInstanceUID, made.SeriesInstanceUID = source.study_uid, source.series_uid
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientID = image.patient_code
    for name in ("PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate"):
        setattr(made, name, "")
    made.StudyTime, made.ReferringPhysicianName = "", ""
    return made


def _code(value: str) -> CodedConcept:
    return CodedConcept(value, SCHEME, value.replace("_", " "))


def _group(label: LabelledJoint, source: Source, reader: str) -> Group:
    tracking = TrackingIdentifier(
        uid=_uid("joint", source.sop_instance_uid, reader, label.joint.name), identifier=label.joint.name
    )
    site = FindingSite(_FINGER_JOINT, laterality=_SIDES[label.joint.side])
    said = {name: value for name, value in words(label).items() if value and name != "reader"}
    judged = [QualitativeEvaluation(_code(name), _code(value)) for name, value in said.items()]
    finding = _code(label.joint.name)
    if label.box is None:
        image = SourceImageForMeasurementGroup(source.sop_class_uid, source.sop_instance_uid)
        return MeasurementsAndQualitativeEvaluations(
            tracking,
            finding_type=finding,
            finding_sites=[site],
            qualitative_evaluations=judged,
            source_images=[image],
        )
    return PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking,
        referenced_region=_region(label.box, source),
        finding_type=finding,
        finding_sites=[site],
        qualitative_evaluations=judged,
    )


def _region(box: Box, source: Source) -> ImageRegion:
    x0, y0, x1, y1 = box.corners
    return ImageRegion(
        GraphicTypeValues.POLYLINE,
        np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], dtype=np.float64),
        SourceImageForRegion(source.sop_class_uid, source.sop_instance_uid),
    )


def report(path: Path) -> Report:
    """Raises one of FAULTS."""
    meta = read_file_meta_info(path)
    if meta.TransferSyntaxUID not in (ExplicitVRLittleEndian, ImplicitVRLittleEndian):
        raise ValueError("its transfer syntax is not a plain one")  # a deflated one may be a bomb
    if meta.MediaStorageSOPClassUID != ComprehensiveSRStorage:
        raise ValueError("it is no Comprehensive SR")
    found = srread(path)
    content = found.content
    if not isinstance(content, MeasurementReport):
        raise ValueError("it is no measurement report (TID 1500)")
    reader = _reader(content)
    evidence = found.CurrentRequestedProcedureEvidenceSequence
    images = {
        str(one.ReferencedSOPInstanceUID)
        for study in evidence
        for series in study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    }
    if len(images) != 1:
        raise ValueError(f"it is about {len(images)} images")
    boxed = [_label(group, reader) for group in content.get_planar_roi_measurement_groups()]
    bare = [_label(group, reader) for group in content.get_image_measurement_groups()]
    return Report(images.pop(), str(found.PatientID), reader, (*boxed, *bare))


def _reader(content: MeasurementReport) -> str:
    contexts = content.get_observer_contexts(observer_type=codes.DCM.Person)
    if not contexts:
        return ""
    observer = contexts[0].observer_identifying_attributes
    if not isinstance(observer, PersonObserverIdentifyingAttributes):
        return ""
    name = str(observer.name).rstrip("^")
    return observer.login_name or ("" if name == _NOBODY else name)


def _label(group: Group, reader: str) -> LabelledJoint:
    said = {"reader": reader}
    for one in group.get_qualitative_evaluations():
        if one.name.scheme_designator == SCHEME and one.name.value in WORDS:
            value = one.value
            said[one.name.value] = value.value if isinstance(value, CodedConcept) else str(value)
    region = group.roi if isinstance(group, PlanarROIMeasurementsAndQualitativeEvaluations) else None
    return label_from(group.tracking_identifier or "", None if region is None else _box(region), said)


def _box(region: object) -> Box:
    if not isinstance(region, ImageRegion) or region.graphic_type != GraphicTypeValues.POLYLINE:
        raise ValueError("a region is no POLYLINE in the image")
    points = np.asarray(region.value, dtype=np.float64)
    box = Box(*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
    corners = {(x, y) for x in (box.x0, box.x1) for y in (box.y0, box.y1)}
    if len(points) != _POINTS or {(x, y) for x, y in points.tolist()} != corners:
        raise ValueError("a region is no upright box")
    return box
