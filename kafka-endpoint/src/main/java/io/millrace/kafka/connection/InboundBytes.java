package io.millrace.kafka.connection;

/**
 * The limit of a node for received requests that their handlers have not consumed, shared by all
 * connections. Any thread.
 */
public interface InboundBytes {

    /** A limit that is never reached. */
    InboundBytes UNLIMITED =
            changed ->
                    new Account() {
                        @Override
                        public void add(long bytes) {}

                        @Override
                        public void release(long bytes) {}

                        @Override
                        public boolean mayRead() {
                            return true;
                        }

                        @Override
                        public void close() {}
                    };

    /**
     * Adds a connection.
     *
     * @param changed called on any thread after the result of {@link Account#mayRead} has changed
     */
    Account open(Runnable changed);

    /** The bytes of one connection. */
    interface Account {

        void add(long bytes);

        void release(long bytes);

        /** Returns whether the connection should be read. */
        boolean mayRead();

        /** Removes the connection, whose bytes have been released. */
        void close();
    }
}
