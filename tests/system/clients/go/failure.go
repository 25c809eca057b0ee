package main

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// Failure is what a caller reads out of a failed call.
type Failure struct {
	Code       codes.Code
	Info       *errdetails.ErrorInfo // nil: not the gateway's own; the outcome is not known
	Violations []*errdetails.BadRequest_FieldViolation
	RetryDelay time.Duration
}

func failureOf(err error) Failure {
	s := status.Convert(err)
	f := Failure{Code: s.Code()}
	for _, detail := range s.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			if d.GetDomain() == "kasa.v1" {
				f.Info = d
			}
		case *errdetails.BadRequest:
			f.Violations = d.GetFieldViolations()
		case *errdetails.RetryInfo:
			f.RetryDelay = d.GetRetryDelay().AsDuration()
		}
	}
	return f
}

// reasonOf reads FieldViolation.reason, field 3, where this version of google.rpc does not have it yet; from
// the end of 2024 on it is violation.GetReason().
func reasonOf(violation *errdetails.BadRequest_FieldViolation) string {
	unknown := violation.ProtoReflect().GetUnknown()
	for len(unknown) > 0 {
		number, kind, size := protowire.ConsumeTag(unknown)
		if size < 0 {
			return ""
		}
		value := unknown[size:]
		if number == 3 && kind == protowire.BytesType {
			reason, size := protowire.ConsumeString(value)
			if size < 0 {
				return ""
			}
			return reason
		}
		if size = protowire.ConsumeFieldValue(number, kind, value); size < 0 {
			return ""
		}
		unknown = value[size:]
	}
	return ""
}
