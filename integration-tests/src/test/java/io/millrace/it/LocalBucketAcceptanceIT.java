package io.millrace.it;

class LocalBucketAcceptanceIT extends AcceptanceContract {

    @Override
    String[] bucket() {
        return new String[] {"--bucket", "file:" + folder.resolve("bucket")};
    }
}
