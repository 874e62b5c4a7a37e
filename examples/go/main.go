// A checkpoint that is online: asks for the verdict on what it scans, follows the status, reports what it did.
//
// Usage: scanner ADDRESS COUNTY TEXT...      the address of the public listener, such as 127.0.0.1:8440
//
// Made of the proto files alone (examples/setup.sh writes the stubs). A checkpoint that may lose its network carries
// what GetBundle gives, and decides by docs/FORMAT.md or with our core; see docs/INTEGRATORS.md.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	codepb "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "freightpass.example/scanner/freightpassv1"
)

// A look-up is answered from memory; a call that takes longer is tried again by whoever scans.
const deadline = 10 * time.Second

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: scanner ADDRESS COUNTY TEXT...")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		log.Fatal(err)
	}
}

func run(address, county string, texts []string) error {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	checkpoint := pb.NewCheckpointServiceClient(connection)

	var reports []*pb.ScanReport
	for _, text := range texts {
		report, err := scan(checkpoint, county, text)
		if err != nil {
			return err
		}
		reports = append(reports, report)
	}
	if err := follow(checkpoint); err != nil {
		return err
	}
	for range 2 {
		// The same reports again change nothing: that is how a lost answer is made good.
		ctx, cancel := context.WithTimeout(context.Background(), deadline)
		answer, err := checkpoint.ReportScans(ctx, &pb.ReportScansRequest{Reports: reports})
		cancel()
		if err != nil {
			return err
		}
		fmt.Printf("reported %d, known %d\n", answer.StoredCount, answer.KnownCount)
	}
	return refused(checkpoint)
}

// scan asks for one verdict, and says what the officer needs.
func scan(checkpoint pb.CheckpointServiceClient, county, text string) (*pb.ScanReport, error) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	request := &pb.CheckPassRequest{Pass: &pb.CheckPassRequest_Text{Text: text}, County: county}
	answer, err := checkpoint.CheckPass(ctx, request)
	if err != nil {
		return nil, err
	}
	verdict := answer.GetVerdict()
	words := []string{strings.ToLower(strings.TrimPrefix(verdict.GetOutcome().String(), "OUTCOME_")), verdict.GetCode()}
	// Fields are there only where the signature is good.
	if fields := verdict.GetFields(); fields != nil {
		words = append(words, fields.PassNumber, fields.Tractor)
	}
	fmt.Println(strings.Join(words, " "))
	return &pb.ScanReport{
		ScanId:     uuid.NewString(),
		Checkpoint: "example",
		PassNumber: verdict.GetFields().GetPassNumber(),
		Outcome:    verdict.GetOutcome(),
		Code:       verdict.GetCode(),
		ScanTime:   timestamppb.Now(),
	}, nil
}

// follow takes the first bundle of the stream: what a scanner without data lacks.
func follow(checkpoint pb.CheckpointServiceClient) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stream, err := checkpoint.WatchStatus(ctx, &pb.WatchStatusRequest{})
	if err != nil {
		return err
	}
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	what := "nothing"
	if len(first.Bundle) > 0 && first.ManifestSeq > 0 {
		what = "a bundle"
	}
	fmt.Printf("watching: a manifest, %s\n", what)
	return nil
}

// refused shows what a refusal looks like: a code, a stable reason, the fields at fault.
func refused(checkpoint pb.CheckpointServiceClient) error {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	request := &pb.CheckPassRequest{Pass: &pb.CheckPassRequest_PassNumber{PassNumber: "1-2-3"}}
	_, err := checkpoint.CheckPass(ctx, request)
	refusal := status.Convert(err)
	var reason string
	var fields []string
	for _, detail := range refusal.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			reason = detail.Reason
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				fields = append(fields, violation.Field)
			}
		}
	}
	if refusal.Code() == codes.OK {
		return fmt.Errorf("a number that is none was taken")
	}
	fmt.Printf("refused %s %s: %s\n", codepb.Code(refusal.Code()), reason, strings.Join(fields, ", "))
	return nil
}
