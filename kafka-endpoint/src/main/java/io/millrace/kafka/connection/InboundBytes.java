package io.millrace.kafka.connection;

/**
 * The limit of a node for received requests that their handlers have not consumed, shared by all
 * connections. Any thread.
 */
public interface InboundBytes {

    /** A limit that is never reached. */
    InboundBytes UNLIMITED =
            sender ->
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

    /** Adds a connection. */
    Account open(Sender sender);

    /** A connection. Called on any thread; must return at once. */
    interface Sender {

        /** The result of {@link Account#mayRead} has changed. */
        void changed();

        /** A request arrives too slowly while others wait for its memory. */
        void stalled();
    }

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
