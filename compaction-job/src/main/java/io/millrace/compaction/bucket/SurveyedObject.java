package io.millrace.compaction.bucket;

import io.millrace.storage.object.Listing.ListedObject;

/** A listed object with its status. */
public record SurveyedObject(ListedObject object, ObjectStatus status) {}
