"""A checkpoint that is online: asks for the verdict on what it scans, follows the status, reports what it did.

Usage: scanner.py ADDRESS COUNTY TEXT...      the address of the public listener, such as 127.0.0.1:8440

Made of the proto files alone (examples/setup.sh writes the stubs). A checkpoint that may lose its network carries what
GetBundle gives, and decides by docs/FORMAT.md or with our core; see docs/INTEGRATORS.md.
"""

import sys
import time
import uuid

import grpc
from google.rpc import error_details_pb2, status_pb2

from freightpass.v1 import checkpoint_pb2, checkpoint_pb2_grpc

# A look-up is answered from memory; a call that takes longer is tried again by whoever scans.
DEADLINE_S = 10


def main():
    address, county, *texts = sys.argv[1:]
    with grpc.insecure_channel(address) as channel:
        checkpoint = checkpoint_pb2_grpc.CheckpointServiceStub(channel)
        reports = [scan(checkpoint, county, text) for text in texts]
        follow(checkpoint)
        for _ in range(2):
            # The same reports again change nothing: that is how a lost answer is made good.
            request = checkpoint_pb2.ReportScansRequest(reports=reports)
            answer = checkpoint.ReportScans(request, timeout=DEADLINE_S)
            print(f"reported {answer.stored_count}, known {answer.known_count}")
        refused(checkpoint)


def scan(checkpoint, county, text):
    """Asks for one verdict, and says what the officer needs."""
    request = checkpoint_pb2.CheckPassRequest(text=text, county=county)
    verdict = checkpoint.CheckPass(request, timeout=DEADLINE_S).verdict
    outcome = checkpoint_pb2.Outcome.Name(verdict.outcome).removeprefix("OUTCOME_").lower()
    # Fields are there only where the signature is good.
    print(" ".join(word for word in (outcome, verdict.code, verdict.fields.pass_number, verdict.fields.tractor) if word))
    report = checkpoint_pb2.ScanReport(
        scan_id=str(uuid.uuid4()),
        checkpoint="example",
        pass_number=verdict.fields.pass_number,
        outcome=verdict.outcome,
        code=verdict.code,
    )
    report.scan_time.FromSeconds(int(time.time()))
    return report


def follow(checkpoint):
    """The first bundle of the stream: what a scanner without data lacks."""
    stream = checkpoint.WatchStatus(checkpoint_pb2.WatchStatusRequest())
    first = next(stream)
    stream.cancel()
    print(f"watching: a manifest, {'a bundle' if first.bundle and first.manifest_seq else 'nothing'}")


def refused(checkpoint):
    """What a refusal looks like: a code, a stable reason, the fields at fault."""
    try:
        checkpoint.CheckPass(checkpoint_pb2.CheckPassRequest(pass_number="1-2-3"), timeout=DEADLINE_S)
    except grpc.RpcError as error:
        details = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        for detail in details.details:
            detail.Unpack(info) if detail.Is(info.DESCRIPTOR) else detail.Is(bad.DESCRIPTOR) and detail.Unpack(bad)
        fields = ", ".join(violation.field for violation in bad.field_violations)
        print(f"refused {error.code().name} {info.reason}: {fields}")


if __name__ == "__main__":
    main()
