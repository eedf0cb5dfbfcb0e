package io.millrace.compaction.bucket;

import io.millrace.storage.object.Listing.ListedObject;

/** An object of the bucket, and what it is to the cluster. */
public record SurveyedObject(ListedObject object, ObjectStatus status) {}
