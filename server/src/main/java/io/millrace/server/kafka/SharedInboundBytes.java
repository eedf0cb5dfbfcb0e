package io.millrace.server.kafka;

import io.millrace.kafka.connection.InboundBytes;
import io.millrace.server.grpc.flow.InboundAccount;
import io.millrace.server.grpc.flow.InboundLimit;

/** The limit of received bytes that Kafka connections share with those of gRPC. */
public record SharedInboundBytes(InboundLimit limit) implements InboundBytes {

    @Override
    public Account open(Sender sender) {
        return new SharedAccount(limit.openAccount(sender::changed, sender::stalled));
    }

    private record SharedAccount(InboundAccount account) implements Account {

        @Override
        public void add(long bytes) {
            account.add(bytes);
        }

        @Override
        public void release(long bytes) {
            account.release(bytes);
        }

        @Override
        public boolean mayRead() {
            return account.mayProceed();
        }

        @Override
        public void close() {
            account.close();
        }
    }
}
