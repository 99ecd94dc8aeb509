# frozen_string_literal: true

module Gojinn
  # Jobs for functions, done in the background.
  module Queue
    # A job that is on disk; `duplicate` if there was one with the same key before, which is the one that is run.
    Published = Data.define(:job, :duplicate)

    # What is known of a job. Its state is scheduled, queued, running, retrying, done, dead or cancelled, its body
    # the answer of one that is done.
    Job = Data.define(:id, :queue, :state, :body)

    module_function

    # Sends a job, to be done after `delay` seconds; of two with the same `key` only the first is run.
    def publish(queue, body = "", headers: nil, delay: nil, priority: nil, key: nil)
      answer = Host.call("queue.publish", queue:, **Host.packed(:body, body), headers:, delay:, priority:, key:)
      Published.new(job: answer["job"], duplicate: answer["duplicate"])
    end

    # What is known of a job. Raises NotFound.
    def status(job) = ask("queue.status", job)

    # Calls off a job, also one that runs. Raises Conflict when it is over.
    def cancel(job) = ask("queue.cancel", job)

    def ask(operation, job)
      answer = Host.call(operation, job:)
      Job.new(id: answer["id"], queue: answer["queue"], state: answer["state"], body: answer["body"].to_s)
    end
    private_class_method :ask
  end
end
