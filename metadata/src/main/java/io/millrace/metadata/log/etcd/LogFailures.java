package io.millrace.metadata.log.etcd;

import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.log.LogException;
import io.millrace.runtime.FutureFailures;

/** Converts failures of etcd and of the bucket to failures of the log. */
final class LogFailures {

    private LogFailures() {}

    static RuntimeException causeOf(Throwable failure) {
        Throwable cause = FutureFailures.unwrap(failure);
        return switch (cause) {
            case EtcdException etcd -> etcd;
            case LogException log -> log;
            case CorruptMetadataException corrupt -> corrupt;
            case UnsupportedEntryException unsupported -> unsupported;
            default ->
                    new LogException.Unavailable(
                            "The metadata log cannot be read: " + cause.getMessage(), cause);
        };
    }

    static LogException asLogException(RuntimeException failure) {
        return switch (failure) {
            case LogException log -> log;
            case CorruptMetadataException corrupt ->
                    new LogException.Corrupt(String.valueOf(corrupt.getMessage()), corrupt);
            case UnsupportedEntryException unsupported ->
                    new LogException.Unavailable(
                            String.valueOf(unsupported.getMessage()), unsupported);
            default ->
                    new LogException.Unavailable(
                            "The metadata log in etcd cannot be read: %s. Check that etcd is running and reachable."
                                    .formatted(failure.getMessage()),
                            failure);
        };
    }
}
