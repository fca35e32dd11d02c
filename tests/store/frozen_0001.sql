PRAGMA application_id=1263420235;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE annotation (
        reading_id INTEGER NOT NULL,
        joint TEXT NOT NULL,
        x0 REAL,
        y0 REAL,
        x1 REAL,
        y1 REAL,
        ankylosis TEXT,
        displacement TEXT,
        displacement_certainty TEXT,
        not_assessable TEXT,
        confirmed INTEGER NOT NULL,
        comment TEXT NOT NULL,
        PRIMARY KEY (reading_id, joint),
        CONSTRAINT ck_annotation_joint_1 CHECK (joint IN ('R-IP1', 'R-PIP2', 'R-PIP3', 'R-PIP4',
            'R-PIP5', 'R-MP1', 'R-MP2', 'R-MP3', 'R-MP4', 'R-MP5', 'L-IP1', 'L-PIP2', 'L-PIP3',
            'L-PIP4', 'L-PIP5', 'L-MP1', 'L-MP2', 'L-MP3', 'L-MP4', 'L-MP5')),
        CONSTRAINT ck_annotation_box_1 CHECK ((x0 IS NULL AND y0 IS NULL AND x1 IS NULL AND y1
            IS NULL) OR (coalesce(x0 BETWEEN -1000000.0 AND 1000000.0 AND y0 BETWEEN -1000000.0
            AND 1000000.0 AND x1 BETWEEN -1000000.0 AND 1000000.0 AND y1 BETWEEN -1000000.0 AND
            1000000.0 AND x0 < x1 AND y0 < y1, false))),
        CONSTRAINT ck_annotation_ankylosis_1 CHECK (ankylosis IN ('certain', 'probable')),
        CONSTRAINT ck_annotation_displacement_1 CHECK (displacement IN ('subluxation', 'dislocation')),
        CONSTRAINT ck_annotation_displacement_certainty_1 CHECK (displacement_certainty IN
            ('certain', 'probable')),
        CONSTRAINT ck_annotation_displacement_whole_1 CHECK ((displacement IS NULL) =
            (displacement_certainty IS NULL)),
        CONSTRAINT ck_annotation_thumb_ip_1 CHECK (displacement IS NULL OR joint NOT IN ('R-IP1', 'L-IP1')),
        CONSTRAINT ck_annotation_not_assessable_1 CHECK (not_assessable IN ('cropped',
            'amputated', 'implant', 'overlap', 'not visible')),
        CONSTRAINT ck_annotation_assessed_1 CHECK (not_assessable IS NULL OR (ankylosis IS NULL
            AND displacement IS NULL)),
        CONSTRAINT ck_annotation_confirmed_1 CHECK (confirmed = 0 OR (confirmed = 1 AND (x0 IS
            NOT NULL OR not_assessable IS NOT NULL))),
        FOREIGN KEY(reading_id) REFERENCES reading (id)
    ) STRICT
    ;
INSERT INTO "annotation" VALUES(1,'L-PIP3',253.0,432.75,308.0,487.75,'certain','dislocation','probable',NULL,1,'ossär überbaut 強直');
INSERT INTO "annotation" VALUES(1,'R-MP1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'amputated',0,'');
INSERT INTO "annotation" VALUES(2,'L-PIP3',253.0,432.75,308.0,487.75,'certain','dislocation','probable',NULL,1,'ossär überbaut 強直');
INSERT INTO "annotation" VALUES(2,'R-MP1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'amputated',0,'');
INSERT INTO "annotation" VALUES(3,'L-PIP3',253.0,432.75,308.0,487.75,'certain','dislocation','probable',NULL,1,'ossär überbaut 強直');
INSERT INTO "annotation" VALUES(3,'R-MP1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'amputated',0,'');
CREATE TABLE audit (
        sequence INTEGER NOT NULL,
        at TEXT NOT NULL,
        person_id INTEGER NOT NULL,
        person TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (sequence),
        CONSTRAINT ck_audit_sequence_1 CHECK (sequence >= 1),
        CONSTRAINT ck_audit_hash_1 CHECK (length(previous) = 64 AND length(hash) = 64),
        FOREIGN KEY(person_id) REFERENCES person (id)
    ) STRICT
    ;
INSERT INTO "audit" VALUES(1,'2026-11-23T08:49:15.803673+00:00',1,'Admin','add person','person 1','{"name":"Admin","role":"administrator"}','0000000000000000000000000000000000000000000000000000000000000000','a890de08b75a82f06b58858bb02373c837fc7e20e5a76d941f6dbeeab69ded4f');
INSERT INTO "audit" VALUES(2,'2026-11-23T08:49:15.811753+00:00',1,'Admin','create study','study 1','{"name":"Hands","prefix":"K"}','a890de08b75a82f06b58858bb02373c837fc7e20e5a76d941f6dbeeab69ded4f','487aa9e4c2bcc8e6f3448676f2d84f90a8b3655a7937191230c47de84855b700');
INSERT INTO "audit" VALUES(3,'2026-11-23T08:49:15.819694+00:00',1,'Admin','add person','person 2','{"name":"Dora","role":"data"}','487aa9e4c2bcc8e6f3448676f2d84f90a8b3655a7937191230c47de84855b700','4affdffbc6b01ef24b0ab415420605a6aee59fc65e91465320cb5aa2e728fa24');
INSERT INTO "audit" VALUES(4,'2026-11-23T08:49:15.836691+00:00',1,'Admin','import','image 1','{"file_sha256":"fa64c158623571f175ece2347b85a2ba0f50be3607f8764ca4c7ad2005598354","patient":"K-001","pixels_sha256":"036ea90bba8db3e29813021662acce76356bce59680166f576c956f706bbce15"}','4affdffbc6b01ef24b0ab415420605a6aee59fc65e91465320cb5aa2e728fa24','b2b80e350f1028002d6a0e2746e62b931a45fff5e9f3b0d91d536b938375ba21');
INSERT INTO "audit" VALUES(5,'2026-11-23T08:49:15.844803+00:00',1,'Admin','add person','person 3','{"name":"Anna","role":"reader"}','b2b80e350f1028002d6a0e2746e62b931a45fff5e9f3b0d91d536b938375ba21','8841a1c569bd2098b7e0b2b0b442094d2063915f2732e4ae044b0d9a967fd80c');
INSERT INTO "audit" VALUES(6,'2026-11-23T08:49:15.853461+00:00',3,'Anna','draw','image 1','{"joints":{"R-PIP3":[null,{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":false,"joint":"R-PIP3","marks":{},"not_assessable":null}]},"start":{"comment":"","excluded":"","hands":"both","right_on_left":true,"side_confirmed":false},"way":"do"}','8841a1c569bd2098b7e0b2b0b442094d2063915f2732e4ae044b0d9a967fd80c','844a94b799c3ab2168ab3b4432f4033caed695339aa3d2b7d1e651820cb5c65d');
INSERT INTO "audit" VALUES(7,'2026-11-23T08:49:15.860795+00:00',3,'Anna','finding','image 1','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":false,"joint":"R-PIP3","marks":{},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain"},"not_assessable":null}]},"way":"do"}','844a94b799c3ab2168ab3b4432f4033caed695339aa3d2b7d1e651820cb5c65d','296cd76b4569cd442bdf6295129f4e7833ba1f1a3f0fabaf151c6920a935e557');
INSERT INTO "audit" VALUES(8,'2026-11-23T08:49:15.871803+00:00',3,'Anna','finding','image 1','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain"},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"certain"},"not_assessable":null}]},"way":"do"}','296cd76b4569cd442bdf6295129f4e7833ba1f1a3f0fabaf151c6920a935e557','248e0df67acafeb8df19498ffce9de74fdb5a398f2e493323046cb0058337c4c');
INSERT INTO "audit" VALUES(9,'2026-11-23T08:49:15.878697+00:00',3,'Anna','certainty','image 1','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"certain"},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null}]},"way":"do"}','248e0df67acafeb8df19498ffce9de74fdb5a398f2e493323046cb0058337c4c','4f732d294885eca05028bf1fb561efa3158d3899bdfe334a0d4f104be4c50239');
INSERT INTO "audit" VALUES(10,'2026-11-23T08:49:15.889855+00:00',3,'Anna','comment','image 1','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"ossär überbaut 強直","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null}]},"way":"do"}','4f732d294885eca05028bf1fb561efa3158d3899bdfe334a0d4f104be4c50239','562b07b6dd36160b69c683d199555166d7872ded1cc1178cd4008d4edfb91c28');
INSERT INTO "audit" VALUES(11,'2026-11-23T08:49:15.893308+00:00',3,'Anna','not assessable','image 1','{"joints":{"L-MP1":[null,{"box":null,"comment":"","confirmed":false,"joint":"L-MP1","marks":{},"not_assessable":"amputated"}]},"way":"do"}','562b07b6dd36160b69c683d199555166d7872ded1cc1178cd4008d4edfb91c28','8b160ad59d11db4b446f16c57d310a1c0e89e085b7ad19ddb31ea575584128e4');
INSERT INTO "audit" VALUES(12,'2026-11-23T08:49:15.897099+00:00',3,'Anna','swap sides','image 1','{"facts":[{"comment":"","excluded":"","hands":"both","right_on_left":true,"side_confirmed":false},{"comment":"","excluded":"","hands":"both","right_on_left":false,"side_confirmed":true}],"joints":{"L-MP1":[{"box":null,"comment":"","confirmed":false,"joint":"L-MP1","marks":{},"not_assessable":"amputated"},null],"L-PIP3":[null,{"box":[253.0,432.75,308.0,487.75],"comment":"ossär überbaut 強直","confirmed":true,"joint":"L-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null}],"R-MP1":[null,{"box":null,"comment":"","confirmed":false,"joint":"R-MP1","marks":{},"not_assessable":"amputated"}],"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"ossär überbaut 強直","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null},null]},"way":"do"}','8b160ad59d11db4b446f16c57d310a1c0e89e085b7ad19ddb31ea575584128e4','9a51707defd0dc40e56daa95a9312c4e15881794e06cd0a1794d8a9c5b9a24a0');
INSERT INTO "audit" VALUES(13,'2026-11-23T08:49:15.904302+00:00',3,'Anna','exclude','image 1','{"facts":[{"comment":"","excluded":"","hands":"both","right_on_left":false,"side_confirmed":true},{"comment":"","excluded":"seen enough","hands":"both","right_on_left":false,"side_confirmed":true}],"way":"do"}','9a51707defd0dc40e56daa95a9312c4e15881794e06cd0a1794d8a9c5b9a24a0','e73d3ea5a0ac12150dfd9dcc06628f8246c046a93d873e1641351b76859c94bb');
INSERT INTO "audit" VALUES(14,'2026-11-23T08:49:15.907947+00:00',3,'Anna','sign','image 1','{}','e73d3ea5a0ac12150dfd9dcc06628f8246c046a93d873e1641351b76859c94bb','998ff0dccf9da35233399f9434766d956409dea5d9cac66184ed504db67f93ec');
INSERT INTO "audit" VALUES(15,'2026-11-23T08:49:15.910388+00:00',3,'Anna','reopen','image 1','{"reason":"one more look"}','998ff0dccf9da35233399f9434766d956409dea5d9cac66184ed504db67f93ec','ef795d24814856e258363e0f17a7f032d5e0ee4a373394a2738c158067e7ca22');
INSERT INTO "audit" VALUES(16,'2026-11-23T08:49:15.917932+00:00',1,'Admin','import','image 2','{"file_sha256":"0dc45ec0ec785321223eda2b24678bdc76160b8d3b55267dde4ae55eb2ae6926","patient":"K-002","pixels_sha256":"23192222822d79b63263119d793ebe20bd898f9ed29a7d4e667722672c2ed833"}','ef795d24814856e258363e0f17a7f032d5e0ee4a373394a2738c158067e7ca22','2e144045f7c6dc668f184540b0bd9d6467d8178d8381a1c0197446792a7f325d');
INSERT INTO "audit" VALUES(17,'2026-11-23T08:49:15.920920+00:00',1,'Admin','add person','person 4','{"name":"Ben","role":"reader"}','2e144045f7c6dc668f184540b0bd9d6467d8178d8381a1c0197446792a7f325d','13582fcbf19de80f3c9b2ff26780ed64f7abf9a62c7b29004aee9abb0dda35e7');
INSERT INTO "audit" VALUES(18,'2026-11-23T08:49:15.924773+00:00',4,'Ben','draw','image 2','{"joints":{"R-PIP3":[null,{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":false,"joint":"R-PIP3","marks":{},"not_assessable":null}]},"start":{"comment":"","excluded":"","hands":"both","right_on_left":true,"side_confirmed":false},"way":"do"}','13582fcbf19de80f3c9b2ff26780ed64f7abf9a62c7b29004aee9abb0dda35e7','5cc8fa051e7fe15845d7b225c640eca49f084a0ff591277b72e1f08817e83807');
INSERT INTO "audit" VALUES(19,'2026-11-23T08:49:15.927797+00:00',4,'Ben','finding','image 2','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":false,"joint":"R-PIP3","marks":{},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain"},"not_assessable":null}]},"way":"do"}','5cc8fa051e7fe15845d7b225c640eca49f084a0ff591277b72e1f08817e83807','bed7143d0dedf22fad23aa285ff5ff784d63480d3ea21cd4143892e860aa7af7');
INSERT INTO "audit" VALUES(20,'2026-11-23T08:49:15.932330+00:00',4,'Ben','finding','image 2','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain"},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"certain"},"not_assessable":null}]},"way":"do"}','bed7143d0dedf22fad23aa285ff5ff784d63480d3ea21cd4143892e860aa7af7','af385c50fd14ed882ef35ce93350e936cc78e597f3bc8337daba89dd1ef2fc67');
INSERT INTO "audit" VALUES(21,'2026-11-23T08:49:15.937453+00:00',4,'Ben','certainty','image 2','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"certain"},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null}]},"way":"do"}','af385c50fd14ed882ef35ce93350e936cc78e597f3bc8337daba89dd1ef2fc67','c36c4f830717f6c4249fb5f3188259c875e74d49071d41691cdbaa4e25a1278b');
INSERT INTO "audit" VALUES(22,'2026-11-23T08:49:15.940532+00:00',4,'Ben','comment','image 2','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"ossär überbaut 強直","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null}]},"way":"do"}','c36c4f830717f6c4249fb5f3188259c875e74d49071d41691cdbaa4e25a1278b','29011fb116593d1aaac969885337804b90033aefa8f71b25ae74763834f16b0d');
INSERT INTO "audit" VALUES(23,'2026-11-23T08:49:15.944126+00:00',4,'Ben','not assessable','image 2','{"joints":{"L-MP1":[null,{"box":null,"comment":"","confirmed":false,"joint":"L-MP1","marks":{},"not_assessable":"amputated"}]},"way":"do"}','29011fb116593d1aaac969885337804b90033aefa8f71b25ae74763834f16b0d','0d35b7f1e1023bf5f347ddfb0303ef9cacee118fd4987572b05e698681514c8c');
INSERT INTO "audit" VALUES(24,'2026-11-23T08:49:15.947570+00:00',4,'Ben','swap sides','image 2','{"facts":[{"comment":"","excluded":"","hands":"both","right_on_left":true,"side_confirmed":false},{"comment":"","excluded":"","hands":"both","right_on_left":false,"side_confirmed":true}],"joints":{"L-MP1":[{"box":null,"comment":"","confirmed":false,"joint":"L-MP1","marks":{},"not_assessable":"amputated"},null],"L-PIP3":[null,{"box":[253.0,432.75,308.0,487.75],"comment":"ossär überbaut 強直","confirmed":true,"joint":"L-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null}],"R-MP1":[null,{"box":null,"comment":"","confirmed":false,"joint":"R-MP1","marks":{},"not_assessable":"amputated"}],"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"ossär überbaut 強直","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null},null]},"way":"do"}','0d35b7f1e1023bf5f347ddfb0303ef9cacee118fd4987572b05e698681514c8c','e04553687d336fb859604a18b836dc9e523278a9f8a61ecc4d6ba6034c73b039');
INSERT INTO "audit" VALUES(25,'2026-11-23T08:49:15.951813+00:00',4,'Ben','exclude','image 2','{"facts":[{"comment":"","excluded":"","hands":"both","right_on_left":false,"side_confirmed":true},{"comment":"","excluded":"seen enough","hands":"both","right_on_left":false,"side_confirmed":true}],"way":"do"}','e04553687d336fb859604a18b836dc9e523278a9f8a61ecc4d6ba6034c73b039','9970d31183c304a657e3206e91e4e04c1bed1903c2d6f84fe237d2c33453ec0c');
INSERT INTO "audit" VALUES(26,'2026-11-23T08:49:15.954137+00:00',4,'Ben','sign','image 2','{}','9970d31183c304a657e3206e91e4e04c1bed1903c2d6f84fe237d2c33453ec0c','3f7c75b1dd6418374546ed6736ac070cc851c3b30578c2de3f4bf6054e8e0734');
INSERT INTO "audit" VALUES(27,'2026-11-23T08:49:15.958394+00:00',1,'Admin','import','image 3','{"file_sha256":"54d84373052fd05f1d77ba4349f4bbabb7f88bfce3057a1e51615f3458066d33","patient":"K-001","pixels_sha256":"7c79737ec8cedddbfcc3b086b8fa7ebdea9fcbdd9cdb739dce6253baa839c4e5"}','3f7c75b1dd6418374546ed6736ac070cc851c3b30578c2de3f4bf6054e8e0734','004ed9d179f0227256794860b8f1125e0f63ae0256b974c372ebe19f062c422b');
INSERT INTO "audit" VALUES(28,'2026-11-23T08:49:15.962909+00:00',3,'Anna','draw','image 3','{"joints":{"R-PIP3":[null,{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":false,"joint":"R-PIP3","marks":{},"not_assessable":null}]},"start":{"comment":"","excluded":"","hands":"both","right_on_left":true,"side_confirmed":false},"way":"do"}','004ed9d179f0227256794860b8f1125e0f63ae0256b974c372ebe19f062c422b','f9b2b652974de2dc432164ebe96e8cbe6d7d7504c9e952aa5946c5167d1e171b');
INSERT INTO "audit" VALUES(29,'2026-11-23T08:49:15.966605+00:00',3,'Anna','finding','image 3','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":false,"joint":"R-PIP3","marks":{},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain"},"not_assessable":null}]},"way":"do"}','f9b2b652974de2dc432164ebe96e8cbe6d7d7504c9e952aa5946c5167d1e171b','3825cb9542f254197ad5dc5114a7a778748557ac932a42061eb88542c5cbdc67');
INSERT INTO "audit" VALUES(30,'2026-11-23T08:49:15.970066+00:00',3,'Anna','finding','image 3','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain"},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"certain"},"not_assessable":null}]},"way":"do"}','3825cb9542f254197ad5dc5114a7a778748557ac932a42061eb88542c5cbdc67','ca3b2e046c1947cd44855460e7094c209ff18250589d683d47611e4ca3d25e63');
INSERT INTO "audit" VALUES(31,'2026-11-23T08:49:15.973755+00:00',3,'Anna','certainty','image 3','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"certain"},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null}]},"way":"do"}','ca3b2e046c1947cd44855460e7094c209ff18250589d683d47611e4ca3d25e63','4cf51f5ea5b7988c05a873b32f37a9ab9bf30a5c2fad4ba56cc8654e9b4d6391');
INSERT INTO "audit" VALUES(32,'2026-11-23T08:49:15.977284+00:00',3,'Anna','comment','image 3','{"joints":{"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null},{"box":[253.0,432.75,308.0,487.75],"comment":"ossär überbaut 強直","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null}]},"way":"do"}','4cf51f5ea5b7988c05a873b32f37a9ab9bf30a5c2fad4ba56cc8654e9b4d6391','b1f5b2ac1a3fdf140837fed1433ecb96dcfce01a6c8c7ebac5874053c299d295');
INSERT INTO "audit" VALUES(33,'2026-11-23T08:49:15.980497+00:00',3,'Anna','not assessable','image 3','{"joints":{"L-MP1":[null,{"box":null,"comment":"","confirmed":false,"joint":"L-MP1","marks":{},"not_assessable":"amputated"}]},"way":"do"}','b1f5b2ac1a3fdf140837fed1433ecb96dcfce01a6c8c7ebac5874053c299d295','ae51f9b065077ded56bff426e78b2cb71cd6601cec4224247280eba7ddbc6d60');
INSERT INTO "audit" VALUES(34,'2026-11-23T08:49:15.983897+00:00',3,'Anna','swap sides','image 3','{"facts":[{"comment":"","excluded":"","hands":"both","right_on_left":true,"side_confirmed":false},{"comment":"","excluded":"","hands":"both","right_on_left":false,"side_confirmed":true}],"joints":{"L-MP1":[{"box":null,"comment":"","confirmed":false,"joint":"L-MP1","marks":{},"not_assessable":"amputated"},null],"L-PIP3":[null,{"box":[253.0,432.75,308.0,487.75],"comment":"ossär überbaut 強直","confirmed":true,"joint":"L-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null}],"R-MP1":[null,{"box":null,"comment":"","confirmed":false,"joint":"R-MP1","marks":{},"not_assessable":"amputated"}],"R-PIP3":[{"box":[253.0,432.75,308.0,487.75],"comment":"ossär überbaut 強直","confirmed":true,"joint":"R-PIP3","marks":{"ankylosis":"certain","dislocation":"probable"},"not_assessable":null},null]},"way":"do"}','ae51f9b065077ded56bff426e78b2cb71cd6601cec4224247280eba7ddbc6d60','403d4e8d05e0bcf54e38b970d081a6d0e13a04eadc8d4a04b48b49b40e39971a');
INSERT INTO "audit" VALUES(35,'2026-11-23T08:49:15.990658+00:00',1,'Admin','import','image 4','{"file_sha256":"1513faff1f12bc5f7965989388d5062574cf6ce717db81cc4270dfc0e35f2c34","patient":"K-001","pixels_sha256":"6d641271a649f7ee99ce970bfae3bfef38984d87c4931159f9ef0cbd52071f59"}','403d4e8d05e0bcf54e38b970d081a6d0e13a04eadc8d4a04b48b49b40e39971a','e81964789a07303516dd47b3c4a18939d46dcd538eb52e3eb0e7ed77d6ee75a6');
INSERT INTO "audit" VALUES(36,'2026-11-23T08:49:15.993610+00:00',1,'Admin','withdraw','image 2','{"images":[2],"reason":"wrong patient"}','e81964789a07303516dd47b3c4a18939d46dcd538eb52e3eb0e7ed77d6ee75a6','d627ba33d94951041a36d6d6b06e1a7c1f6b0d962023d31c09c93e4144e6c007');
CREATE TABLE image (
        id INTEGER NOT NULL,
        study_id INTEGER NOT NULL,
        patient_id INTEGER NOT NULL,
        patient_number INTEGER NOT NULL,
        visit INTEGER NOT NULL,
        path BLOB NOT NULL,
        size INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL,
        file_sha256 TEXT NOT NULL,
        pixels_sha256 TEXT NOT NULL,
        sop_instance_uid TEXT NOT NULL,
        rows INTEGER NOT NULL,
        columns INTEGER NOT NULL,
        bits_stored INTEGER NOT NULL,
        "view" TEXT NOT NULL,
        study_date TEXT,
        acquisition_date TEXT,
        hands TEXT NOT NULL,
        right_on_left INTEGER NOT NULL,
        side_confirmed INTEGER NOT NULL,
        withdrawn_at TEXT,
        withdrawn_reason TEXT,
        PRIMARY KEY (id),
        CONSTRAINT uq_image_pixels_1 UNIQUE (study_id, pixels_sha256),
        CONSTRAINT ck_image_visit_1 CHECK (visit BETWEEN 1 AND 99999999),
        CONSTRAINT ck_image_path_1 CHECK (length(path) > 0),
        CONSTRAINT ck_image_file_1 CHECK (size BETWEEN 0 AND 1000000000000000),
        CONSTRAINT ck_image_sha256_1 CHECK (length(file_sha256) = 64 AND length(pixels_sha256) = 64),
        CONSTRAINT ck_image_shape_1 CHECK ("rows" BETWEEN 1 AND 100000 AND "columns" BETWEEN 1 AND 100000),
        CONSTRAINT ck_image_bits_stored_1 CHECK (bits_stored BETWEEN 1 AND 32),
        CONSTRAINT ck_image_study_date_1 CHECK (study_date LIKE '____-__-__'),
        CONSTRAINT ck_image_acquisition_date_1 CHECK (acquisition_date LIKE '____-__-__'),
        CONSTRAINT ck_image_hands_1 CHECK (hands IN ('both', 'right', 'left')),
        CONSTRAINT ck_image_right_on_left_1 CHECK (right_on_left IN (0, 1)),
        CONSTRAINT ck_image_side_confirmed_1 CHECK (side_confirmed IN (0, 1)),
        CONSTRAINT ck_image_withdrawn_1 CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL)),
        FOREIGN KEY(study_id) REFERENCES study (id),
        FOREIGN KEY(patient_id) REFERENCES patient (id)
    ) STRICT
    ;
INSERT INTO "image" VALUES(1,1,1,1,1,X'2F66696C6D732F312E64636D',6713400,1426000000000000000,'fa64c158623571f175ece2347b85a2ba0f50be3607f8764ca4c7ad2005598354','036ea90bba8db3e29813021662acce76356bce59680166f576c956f706bbce15','1.2.3.1',1670,2010,10,'PA','2015-03-01','2015-03-01','both',0,1,NULL,NULL);
INSERT INTO "image" VALUES(2,1,2,2,1,X'2F66696C6D732F322E64636D',6713400,1426000000000000000,'0dc45ec0ec785321223eda2b24678bdc76160b8d3b55267dde4ae55eb2ae6926','23192222822d79b63263119d793ebe20bd898f9ed29a7d4e667722672c2ed833','1.2.3.2',1670,2010,10,'PA','2015-03-01','2015-03-01','both',0,1,'2026-11-23T08:49:15.993610+00:00','wrong patient');
INSERT INTO "image" VALUES(3,1,1,1,1,X'2F66696C6D732F332E64636D',6713400,1426000000000000000,'54d84373052fd05f1d77ba4349f4bbabb7f88bfce3057a1e51615f3458066d33','7c79737ec8cedddbfcc3b086b8fa7ebdea9fcbdd9cdb739dce6253baa839c4e5','1.2.3.3',1670,2010,10,'PA','2015-03-01','2015-03-01','both',0,1,NULL,NULL);
INSERT INTO "image" VALUES(4,1,1,1,1,X'2F66696C6D732F342E64636D',6713400,1426000000000000000,'1513faff1f12bc5f7965989388d5062574cf6ce717db81cc4270dfc0e35f2c34','6d641271a649f7ee99ce970bfae3bfef38984d87c4931159f9ef0cbd52071f59','1.2.3.4',1670,2010,10,'PA','2015-03-01','2015-03-01','both',1,0,NULL,NULL);
CREATE TABLE patient (
        id INTEGER NOT NULL,
        study_id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        code TEXT NOT NULL,
        "key" TEXT NOT NULL,
        withdrawn_at TEXT,
        withdrawn_reason TEXT,
        PRIMARY KEY (id),
        CONSTRAINT uq_patient_key_1 UNIQUE (study_id, "key"),
        CONSTRAINT uq_patient_number_1 UNIQUE (study_id, number),
        CONSTRAINT uq_patient_code_1 UNIQUE (study_id, code),
        CONSTRAINT ck_patient_number_1 CHECK (number BETWEEN 1 AND 99999999),
        CONSTRAINT ck_patient_key_1 CHECK (length(key) > 0),
        CONSTRAINT ck_patient_withdrawn_1 CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL)),
        FOREIGN KEY(study_id) REFERENCES study (id)
    ) STRICT
    ;
INSERT INTO "patient" VALUES(1,1,1,'K-001','fe7592d01d79c2c51ebf00617a9834b11886d6d3752f578b09fd3cb2e731466a',NULL,NULL);
INSERT INTO "patient" VALUES(2,1,2,'K-002','cb8297a3a73579be54b061d9c6cf433622c1cc8022de5486a2a160e9ff3f250a',NULL,NULL);
CREATE TABLE person (
        id INTEGER NOT NULL,
        name TEXT NOT NULL,
        "key" TEXT NOT NULL,
        role TEXT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_person_key_1 UNIQUE ("key"),
        CONSTRAINT ck_person_name_1 CHECK (length(name) BETWEEN 1 AND 100),
        CONSTRAINT ck_person_role_1 CHECK (role IN ('reader', 'data', 'administrator'))
    ) STRICT
    ;
INSERT INTO "person" VALUES(1,'Admin','admin','administrator');
INSERT INTO "person" VALUES(2,'Dora','dora','data');
INSERT INTO "person" VALUES(3,'Anna','anna','reader');
INSERT INTO "person" VALUES(4,'Ben','ben','reader');
CREATE TABLE reading (
        id INTEGER NOT NULL,
        image_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        version INTEGER NOT NULL,
        hands TEXT NOT NULL,
        right_on_left INTEGER NOT NULL,
        side_confirmed INTEGER NOT NULL,
        excluded TEXT NOT NULL,
        comment TEXT NOT NULL,
        signed_at TEXT,
        saved_at TEXT NOT NULL,
        state TEXT NOT NULL,
        done INTEGER NOT NULL,
        expected INTEGER NOT NULL,
        progress REAL NOT NULL,
        findings INTEGER NOT NULL,
        study_id INTEGER NOT NULL,
        patient_number INTEGER NOT NULL,
        visit INTEGER NOT NULL,
        study_date TEXT,
        listed INTEGER NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_reading_1 UNIQUE (image_id, reader_id),
        CONSTRAINT ck_reading_version_1 CHECK (version >= 1),
        CONSTRAINT ck_reading_hands_1 CHECK (hands IN ('both', 'right', 'left')),
        CONSTRAINT ck_reading_right_on_left_1 CHECK (right_on_left IN (0, 1)),
        CONSTRAINT ck_reading_side_confirmed_1 CHECK (side_confirmed IN (0, 1)),
        CONSTRAINT ck_reading_listed_1 CHECK (listed IN (0, 1)),
        CONSTRAINT ck_reading_state_1 CHECK (state IN ('in progress', 'complete', 'signed')),
        CONSTRAINT ck_reading_signed_1 CHECK ((state = 'signed') = (signed_at IS NOT NULL)),
        CONSTRAINT ck_reading_done_1 CHECK (expected IN (0, 10, 20) AND done BETWEEN 0 AND expected),
        CONSTRAINT ck_reading_progress_1 CHECK (progress BETWEEN 0 AND 1),
        CONSTRAINT ck_reading_findings_1 CHECK (findings BETWEEN 0 AND 7),
        FOREIGN KEY(image_id) REFERENCES image (id),
        FOREIGN KEY(reader_id) REFERENCES person (id)
    ) STRICT
    ;
INSERT INTO "reading" VALUES(1,1,3,11,'both',0,1,'seen enough','',NULL,'2026-11-23T08:49:15.910388+00:00','complete',0,0,1.0,5,1,1,1,'2015-03-01',1);
INSERT INTO "reading" VALUES(2,2,4,10,'both',0,1,'seen enough','','2026-11-23T08:49:15.954137+00:00','2026-11-23T08:49:15.954137+00:00','signed',0,0,1.0,5,1,2,1,'2015-03-01',0);
INSERT INTO "reading" VALUES(3,3,3,8,'both',0,1,'','',NULL,'2026-11-23T08:49:15.983897+00:00','in progress',2,20,0.1,5,1,1,1,'2015-03-01',1);
CREATE TABLE study (
        id INTEGER NOT NULL,
        name TEXT NOT NULL,
        prefix TEXT NOT NULL,
        salt BLOB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_study_name_1 UNIQUE (name),
        CONSTRAINT ck_study_name_1 CHECK (length(name) BETWEEN 1 AND 200),
        CONSTRAINT ck_study_prefix_1 CHECK (length(prefix) BETWEEN 1 AND 8),
        CONSTRAINT ck_study_salt_1 CHECK (length(salt) = 32)
    ) STRICT
    ;
INSERT INTO "study" VALUES(1,'Hands','K',X'3F1A79B229FC2373E2E4E58A79D8FC445724437EC80DC58969182399C3FDEF16');
CREATE INDEX ix_audit_subject_1 ON audit (subject, sequence)
    ;
CREATE TRIGGER audit_no_update_1 BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_no_delete_1 BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER audit_only_append_1 BEFORE INSERT ON audit
        WHEN EXISTS (SELECT 1 FROM audit WHERE sequence >= NEW.sequence)
        BEGIN SELECT RAISE(ABORT, 'audit rows are only appended'); END;
CREATE INDEX ix_image_by_patient_1 ON image (study_id, withdrawn_at, patient_number, visit, id,
        study_date)
    ;
CREATE INDEX ix_image_patient_1 ON image (patient_id)
    ;
CREATE INDEX ix_image_by_date_1 ON image (study_id, withdrawn_at, study_date, patient_number, visit, id)
    ;
CREATE INDEX ix_reading_by_state_1 ON reading (reader_id, study_id, listed, state,
        patient_number, visit, image_id, findings)
    ;
CREATE INDEX ix_reading_by_progress_1 ON reading (reader_id, study_id, listed, progress,
        patient_number, visit, image_id)
    ;
COMMIT;
