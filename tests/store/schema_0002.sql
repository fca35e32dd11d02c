CREATE INDEX ix_audit_subject_1 ON audit(subject,sequence)

CREATE INDEX ix_image_by_date_1 ON image(study_id,withdrawn_at,study_date,patient_number,visit,id)

CREATE INDEX ix_image_by_patient_1 ON image(study_id,withdrawn_at,patient_number,visit,id,study_date)

CREATE INDEX ix_image_patient_1 ON image(patient_id)

CREATE INDEX ix_reading_by_progress_1 ON reading(reader_id,study_id,listed,progress,patient_number,visit,image_id)

CREATE INDEX ix_reading_by_state_1 ON reading(reader_id,study_id,listed,state,patient_number,visit,image_id,findings)

CREATE INDEX ix_run_image_1 ON run(image_id,id)

CREATE INDEX ix_run_version_1 ON run(version_id,image_id,scan)

CREATE TABLE annotation(reading_id INTEGER NOT NULL,joint TEXT NOT NULL,x0 REAL,y0 REAL,x1 REAL,y1 REAL,ankylosis TEXT,displacement TEXT,displacement_certainty TEXT,not_assessable TEXT,confirmed INTEGER NOT NULL,comment TEXT NOT NULL,proposal_id INTEGER,PRIMARY KEY(reading_id,joint),CONSTRAINT ck_annotation_joint_1 CHECK(joint IN('R-IP1','R-PIP2','R-PIP3','R-PIP4','R-PIP5','R-MP1','R-MP2','R-MP3','R-MP4','R-MP5','L-IP1','L-PIP2','L-PIP3','L-PIP4','L-PIP5','L-MP1','L-MP2','L-MP3','L-MP4','L-MP5')),CONSTRAINT ck_annotation_box_1 CHECK((x0 IS NULL AND y0 IS NULL AND x1 IS NULL AND y1 IS NULL)OR(coalesce(x0 BETWEEN -1000000.0 AND 1000000.0 AND y0 BETWEEN -1000000.0 AND 1000000.0 AND x1 BETWEEN -1000000.0 AND 1000000.0 AND y1 BETWEEN -1000000.0 AND 1000000.0 AND x0 < x1 AND y0 < y1,false))),CONSTRAINT ck_annotation_ankylosis_1 CHECK(ankylosis IN('certain','probable')),CONSTRAINT ck_annotation_displacement_1 CHECK(displacement IN('subluxation','dislocation')),CONSTRAINT ck_annotation_displacement_certainty_1 CHECK(displacement_certainty IN('certain','probable')),CONSTRAINT ck_annotation_displacement_whole_1 CHECK((displacement IS NULL)=(displacement_certainty IS NULL)),CONSTRAINT ck_annotation_thumb_ip_1 CHECK(displacement IS NULL OR joint NOT IN('R-IP1','L-IP1')),CONSTRAINT ck_annotation_not_assessable_1 CHECK(not_assessable IN('cropped','amputated','implant','overlap','not visible')),CONSTRAINT ck_annotation_assessed_1 CHECK(not_assessable IS NULL OR(ankylosis IS NULL AND displacement IS NULL)),CONSTRAINT ck_annotation_confirmed_1 CHECK(confirmed = 0 OR(confirmed = 1 AND(x0 IS NOT NULL OR not_assessable IS NOT NULL))),CONSTRAINT ck_annotation_origin_1 CHECK(proposal_id IS NULL OR x0 IS NOT NULL),FOREIGN KEY(reading_id)REFERENCES reading(id),FOREIGN KEY(proposal_id)REFERENCES proposal(id))STRICT

CREATE TABLE audit(sequence INTEGER NOT NULL,at TEXT NOT NULL,person_id INTEGER NOT NULL,person TEXT NOT NULL,action TEXT NOT NULL,subject TEXT NOT NULL,detail TEXT NOT NULL,previous TEXT NOT NULL,hash TEXT NOT NULL,PRIMARY KEY(sequence),CONSTRAINT ck_audit_sequence_1 CHECK(sequence >= 1),CONSTRAINT ck_audit_hash_1 CHECK(length(previous)= 64 AND length(hash)= 64),FOREIGN KEY(person_id)REFERENCES person(id))STRICT

CREATE TABLE decision(proposal_id INTEGER NOT NULL,reader_id INTEGER NOT NULL,outcome TEXT NOT NULL,became TEXT,moved_iou REAL,at TEXT NOT NULL,PRIMARY KEY(proposal_id,reader_id),CONSTRAINT ck_decision_outcome_1 CHECK(outcome IN('accepted','moved','relabelled','rejected')),CONSTRAINT ck_decision_became_1 CHECK(became LIKE '{%}'),CONSTRAINT ck_decision_rejected_1 CHECK((outcome = 'rejected')=(became IS NULL)),CONSTRAINT ck_decision_whole_1 CHECK((became IS NULL)=(moved_iou IS NULL)),CONSTRAINT ck_decision_moved_iou_1 CHECK(moved_iou BETWEEN 0 AND 1 AND(outcome <> 'accepted' OR moved_iou = 1)),FOREIGN KEY(proposal_id)REFERENCES proposal(id),FOREIGN KEY(reader_id)REFERENCES person(id))STRICT

CREATE TABLE image(id INTEGER NOT NULL,study_id INTEGER NOT NULL,patient_id INTEGER NOT NULL,patient_number INTEGER NOT NULL,visit INTEGER NOT NULL,path BLOB NOT NULL,size INTEGER NOT NULL,modified_ns INTEGER NOT NULL,file_sha256 TEXT NOT NULL,pixels_sha256 TEXT NOT NULL,sop_instance_uid TEXT NOT NULL,rows INTEGER NOT NULL,columns INTEGER NOT NULL,bits_stored INTEGER NOT NULL,view TEXT NOT NULL,study_date TEXT,acquisition_date TEXT,hands TEXT NOT NULL,right_on_left INTEGER NOT NULL,side_confirmed INTEGER NOT NULL,withdrawn_at TEXT,withdrawn_reason TEXT,PRIMARY KEY(id),CONSTRAINT uq_image_pixels_1 UNIQUE(study_id,pixels_sha256),CONSTRAINT ck_image_visit_1 CHECK(visit BETWEEN 1 AND 99999999),CONSTRAINT ck_image_path_1 CHECK(length(path)> 0),CONSTRAINT ck_image_file_1 CHECK(size BETWEEN 0 AND 1000000000000000),CONSTRAINT ck_image_sha256_1 CHECK(length(file_sha256)= 64 AND length(pixels_sha256)= 64),CONSTRAINT ck_image_shape_1 CHECK(rows BETWEEN 1 AND 100000 AND columns BETWEEN 1 AND 100000),CONSTRAINT ck_image_bits_stored_1 CHECK(bits_stored BETWEEN 1 AND 32),CONSTRAINT ck_image_study_date_1 CHECK(study_date LIKE '____-__-__'),CONSTRAINT ck_image_acquisition_date_1 CHECK(acquisition_date LIKE '____-__-__'),CONSTRAINT ck_image_hands_1 CHECK(hands IN('both','right','left')),CONSTRAINT ck_image_right_on_left_1 CHECK(right_on_left IN(0,1)),CONSTRAINT ck_image_side_confirmed_1 CHECK(side_confirmed IN(0,1)),CONSTRAINT ck_image_withdrawn_1 CHECK((withdrawn_at IS NULL)=(withdrawn_reason IS NULL)),FOREIGN KEY(study_id)REFERENCES study(id),FOREIGN KEY(patient_id)REFERENCES patient(id))STRICT

CREATE TABLE model_version(id INTEGER NOT NULL,name TEXT NOT NULL,sha256 TEXT NOT NULL,folder BLOB NOT NULL,created TEXT NOT NULL,figures TEXT NOT NULL,active INTEGER NOT NULL,PRIMARY KEY(id),CONSTRAINT uq_model_version_sha256_1 UNIQUE(sha256),CONSTRAINT ck_model_version_name_1 CHECK(length(name)BETWEEN 1 AND 200),CONSTRAINT ck_model_version_sha256_1 CHECK(length(sha256)= 64),CONSTRAINT ck_model_version_folder_1 CHECK(length(folder)> 0),CONSTRAINT ck_model_version_figures_1 CHECK(figures LIKE '[%]'),CONSTRAINT ck_model_version_active_1 CHECK(active IN(0,1)))STRICT

CREATE TABLE patient(id INTEGER NOT NULL,study_id INTEGER NOT NULL,number INTEGER NOT NULL,code TEXT NOT NULL,key TEXT NOT NULL,withdrawn_at TEXT,withdrawn_reason TEXT,PRIMARY KEY(id),CONSTRAINT uq_patient_key_1 UNIQUE(study_id,key),CONSTRAINT uq_patient_number_1 UNIQUE(study_id,number),CONSTRAINT uq_patient_code_1 UNIQUE(study_id,code),CONSTRAINT ck_patient_number_1 CHECK(number BETWEEN 1 AND 99999999),CONSTRAINT ck_patient_key_1 CHECK(length(key)> 0),CONSTRAINT ck_patient_withdrawn_1 CHECK((withdrawn_at IS NULL)=(withdrawn_reason IS NULL)),FOREIGN KEY(study_id)REFERENCES study(id))STRICT

CREATE TABLE person(id INTEGER NOT NULL,name TEXT NOT NULL,key TEXT NOT NULL,role TEXT NOT NULL,PRIMARY KEY(id),CONSTRAINT uq_person_key_1 UNIQUE(key),CONSTRAINT ck_person_name_1 CHECK(length(name)BETWEEN 1 AND 100),CONSTRAINT ck_person_role_1 CHECK(role IN('reader','data','administrator')))STRICT

CREATE TABLE proposal(id INTEGER NOT NULL,run_id INTEGER NOT NULL,joint TEXT,x0 REAL NOT NULL,y0 REAL NOT NULL,x1 REAL NOT NULL,y1 REAL NOT NULL,confidence REAL NOT NULL,ankylosis_background REAL NOT NULL,ankylosis_absent REAL NOT NULL,ankylosis_present REAL NOT NULL,subluxation_background REAL NOT NULL,subluxation_absent REAL NOT NULL,subluxation_present REAL NOT NULL,seen_by TEXT NOT NULL,PRIMARY KEY(id),CONSTRAINT uq_proposal_joint_1 UNIQUE(run_id,joint),CONSTRAINT ck_proposal_joint_1 CHECK(joint IN('R-IP1','R-PIP2','R-PIP3','R-PIP4','R-PIP5','R-MP1','R-MP2','R-MP3','R-MP4','R-MP5','L-IP1','L-PIP2','L-PIP3','L-PIP4','L-PIP5','L-MP1','L-MP2','L-MP3','L-MP4','L-MP5')),CONSTRAINT ck_proposal_box_1 CHECK(coalesce(x0 BETWEEN -1000000.0 AND 1000000.0 AND y0 BETWEEN -1000000.0 AND 1000000.0 AND x1 BETWEEN -1000000.0 AND 1000000.0 AND y1 BETWEEN -1000000.0 AND 1000000.0 AND x0 < x1 AND y0 < y1,false)),CONSTRAINT ck_proposal_confidence_1 CHECK(confidence BETWEEN 0 AND 1),CONSTRAINT ck_proposal_ankylosis_1 CHECK(ankylosis_background BETWEEN 0 AND 1 AND ankylosis_absent BETWEEN 0 AND 1 AND ankylosis_present BETWEEN 0 AND 1 AND ankylosis_background + ankylosis_absent + ankylosis_present BETWEEN 0.99 AND 1.01),CONSTRAINT ck_proposal_subluxation_1 CHECK(subluxation_background BETWEEN 0 AND 1 AND subluxation_absent BETWEEN 0 AND 1 AND subluxation_present BETWEEN 0 AND 1 AND subluxation_background + subluxation_absent + subluxation_present BETWEEN 0.99 AND 1.01),CONSTRAINT ck_proposal_seen_by_1 CHECK(seen_by IN('both','first','second')),CONSTRAINT ck_proposal_first_only_1 CHECK(seen_by <> 'first' OR(subluxation_background = 0 AND subluxation_absent = 1 AND subluxation_present = 0)),CONSTRAINT ck_proposal_second_only_1 CHECK(seen_by <> 'second' OR(ankylosis_background = 0 AND ankylosis_absent = 1 AND ankylosis_present = 0)),FOREIGN KEY(run_id)REFERENCES run(id))STRICT

CREATE TABLE proposal_flag(proposal_id INTEGER NOT NULL,place INTEGER NOT NULL,kind TEXT NOT NULL,reason TEXT NOT NULL,PRIMARY KEY(proposal_id,place),CONSTRAINT ck_proposal_flag_place_1 CHECK(place >= 0),CONSTRAINT ck_proposal_flag_kind_1 CHECK(kind IN('unnamed','duplicate','resolved','implausible')),FOREIGN KEY(proposal_id)REFERENCES proposal(id))STRICT

CREATE TABLE reading(id INTEGER NOT NULL,image_id INTEGER NOT NULL,reader_id INTEGER NOT NULL,version INTEGER NOT NULL,hands TEXT NOT NULL,right_on_left INTEGER NOT NULL,side_confirmed INTEGER NOT NULL,excluded TEXT NOT NULL,comment TEXT NOT NULL,signed_at TEXT,saved_at TEXT NOT NULL,state TEXT NOT NULL,done INTEGER NOT NULL,expected INTEGER NOT NULL,progress REAL NOT NULL,findings INTEGER NOT NULL,study_id INTEGER NOT NULL,patient_number INTEGER NOT NULL,visit INTEGER NOT NULL,study_date TEXT,listed INTEGER NOT NULL,PRIMARY KEY(id),CONSTRAINT uq_reading_1 UNIQUE(image_id,reader_id),CONSTRAINT ck_reading_version_1 CHECK(version >= 1),CONSTRAINT ck_reading_hands_1 CHECK(hands IN('both','right','left')),CONSTRAINT ck_reading_right_on_left_1 CHECK(right_on_left IN(0,1)),CONSTRAINT ck_reading_side_confirmed_1 CHECK(side_confirmed IN(0,1)),CONSTRAINT ck_reading_listed_1 CHECK(listed IN(0,1)),CONSTRAINT ck_reading_state_1 CHECK(state IN('in progress','complete','signed')),CONSTRAINT ck_reading_signed_1 CHECK((state = 'signed')=(signed_at IS NOT NULL)),CONSTRAINT ck_reading_done_1 CHECK(expected IN(0,10,20)AND done BETWEEN 0 AND expected),CONSTRAINT ck_reading_progress_1 CHECK(progress BETWEEN 0 AND 1),CONSTRAINT ck_reading_findings_1 CHECK(findings BETWEEN 0 AND 7),FOREIGN KEY(image_id)REFERENCES image(id),FOREIGN KEY(reader_id)REFERENCES person(id))STRICT

CREATE TABLE reveal(image_id INTEGER NOT NULL,reader_id INTEGER NOT NULL,run_id INTEGER NOT NULL,policy TEXT NOT NULL,at TEXT NOT NULL,before TEXT NOT NULL,PRIMARY KEY(image_id,reader_id,run_id),CONSTRAINT ck_reveal_policy_1 CHECK(policy IN('at once','after all joints are labelled','after signing')),CONSTRAINT ck_reveal_before_1 CHECK(before LIKE '{%}'),FOREIGN KEY(image_id)REFERENCES image(id),FOREIGN KEY(reader_id)REFERENCES person(id),FOREIGN KEY(run_id)REFERENCES run(id))STRICT

CREATE TABLE run(id INTEGER NOT NULL,image_id INTEGER NOT NULL,version_id INTEGER NOT NULL,scan TEXT NOT NULL,runtime TEXT NOT NULL,t_conf REAL NOT NULL,t_iou1 REAL NOT NULL,t_iou2 REAL NOT NULL,top_first INTEGER NOT NULL,top_second INTEGER NOT NULL,hands TEXT NOT NULL,right_on_left INTEGER NOT NULL,at TEXT NOT NULL,started_by INTEGER NOT NULL,PRIMARY KEY(id),CONSTRAINT ck_run_scan_1 CHECK(scan IN('windows','whole')),CONSTRAINT ck_run_thresholds_1 CHECK(t_conf BETWEEN 0 AND 1 AND t_iou1 BETWEEN 0 AND 1 AND t_iou2 BETWEEN 0 AND 1),CONSTRAINT ck_run_top_1 CHECK(top_first BETWEEN 0 AND 1000 AND top_second BETWEEN 0 AND 1000),CONSTRAINT ck_run_hands_1 CHECK(hands IN('both','right','left')),CONSTRAINT ck_run_right_on_left_1 CHECK(right_on_left IN(0,1)),FOREIGN KEY(image_id)REFERENCES image(id),FOREIGN KEY(version_id)REFERENCES model_version(id),FOREIGN KEY(started_by)REFERENCES person(id))STRICT

CREATE TABLE run_missing(run_id INTEGER NOT NULL,joint TEXT NOT NULL,reason TEXT NOT NULL,PRIMARY KEY(run_id,joint),CONSTRAINT ck_run_missing_joint_1 CHECK(joint IN('R-IP1','R-PIP2','R-PIP3','R-PIP4','R-PIP5','R-MP1','R-MP2','R-MP3','R-MP4','R-MP5','L-IP1','L-PIP2','L-PIP3','L-PIP4','L-PIP5','L-MP1','L-MP2','L-MP3','L-MP4','L-MP5')),FOREIGN KEY(run_id)REFERENCES run(id))STRICT

CREATE TABLE study(id INTEGER NOT NULL,name TEXT NOT NULL,prefix TEXT NOT NULL,salt BLOB NOT NULL,reveal TEXT NOT NULL,PRIMARY KEY(id),CONSTRAINT uq_study_name_1 UNIQUE(name),CONSTRAINT ck_study_name_1 CHECK(length(name)BETWEEN 1 AND 200),CONSTRAINT ck_study_prefix_1 CHECK(length(prefix)BETWEEN 1 AND 8),CONSTRAINT ck_study_salt_1 CHECK(length(salt)= 32),CONSTRAINT ck_study_reveal_1 CHECK(reveal IN('at once','after all joints are labelled','after signing')))STRICT

CREATE TRIGGER audit_no_delete_1 BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT,'audit rows are never deleted'); END

CREATE TRIGGER audit_no_update_1 BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT,'audit rows are never changed'); END

CREATE TRIGGER audit_only_append_1 BEFORE INSERT ON audit WHEN EXISTS(SELECT 1 FROM audit WHERE sequence >= NEW.sequence)BEGIN SELECT RAISE(ABORT,'audit rows are only appended'); END

CREATE TRIGGER model_version_no_update_1 BEFORE UPDATE OF name,sha256,created,figures ON model_version BEGIN SELECT RAISE(ABORT,'a version is never changed'); END

CREATE TRIGGER proposal_flag_no_delete_1 BEFORE DELETE ON proposal_flag BEGIN SELECT RAISE(ABORT,'proposal_flag rows are never deleted'); END

CREATE TRIGGER proposal_flag_no_replace_1 BEFORE INSERT ON proposal_flag WHEN EXISTS(SELECT 1 FROM proposal_flag WHERE proposal_id = NEW.proposal_id AND place = NEW.place)BEGIN SELECT RAISE(ABORT,'proposal_flag rows are only added'); END

CREATE TRIGGER proposal_flag_no_update_1 BEFORE UPDATE ON proposal_flag BEGIN SELECT RAISE(ABORT,'proposal_flag rows are never changed'); END

CREATE TRIGGER proposal_no_delete_1 BEFORE DELETE ON proposal BEGIN SELECT RAISE(ABORT,'proposal rows are never deleted'); END

CREATE TRIGGER proposal_no_replace_1 BEFORE INSERT ON proposal WHEN EXISTS(SELECT 1 FROM proposal WHERE id = NEW.id)BEGIN SELECT RAISE(ABORT,'proposal rows are only added'); END

CREATE TRIGGER proposal_no_update_1 BEFORE UPDATE ON proposal BEGIN SELECT RAISE(ABORT,'proposal rows are never changed'); END

CREATE TRIGGER reveal_no_delete_1 BEFORE DELETE ON reveal BEGIN SELECT RAISE(ABORT,'reveal rows are never deleted'); END

CREATE TRIGGER reveal_no_replace_1 BEFORE INSERT ON reveal WHEN EXISTS(SELECT 1 FROM reveal WHERE image_id = NEW.image_id AND reader_id = NEW.reader_id AND run_id = NEW.run_id)BEGIN SELECT RAISE(ABORT,'reveal rows are only added'); END

CREATE TRIGGER reveal_no_update_1 BEFORE UPDATE ON reveal BEGIN SELECT RAISE(ABORT,'reveal rows are never changed'); END

CREATE TRIGGER run_missing_no_delete_1 BEFORE DELETE ON run_missing BEGIN SELECT RAISE(ABORT,'run_missing rows are never deleted'); END

CREATE TRIGGER run_missing_no_replace_1 BEFORE INSERT ON run_missing WHEN EXISTS(SELECT 1 FROM run_missing WHERE run_id = NEW.run_id AND joint = NEW.joint)BEGIN SELECT RAISE(ABORT,'run_missing rows are only added'); END

CREATE TRIGGER run_missing_no_update_1 BEFORE UPDATE ON run_missing BEGIN SELECT RAISE(ABORT,'run_missing rows are never changed'); END

CREATE TRIGGER run_no_delete_1 BEFORE DELETE ON run BEGIN SELECT RAISE(ABORT,'run rows are never deleted'); END

CREATE TRIGGER run_no_replace_1 BEFORE INSERT ON run WHEN EXISTS(SELECT 1 FROM run WHERE id = NEW.id)BEGIN SELECT RAISE(ABORT,'run rows are only added'); END

CREATE TRIGGER run_no_update_1 BEFORE UPDATE ON run BEGIN SELECT RAISE(ABORT,'run rows are never changed'); END

CREATE UNIQUE INDEX ix_model_version_active_1 ON model_version(active)WHERE active = 1
