import { useMutation, useQuery } from "@apollo/client/react";
import type { ReactNode } from "react";
import {
  CreateResetLinkDocument,
  PeopleDocument,
  RemoveMemberDocument,
  UpdateMemberDocument,
  type PeopleQuery,
  type Role,
} from "../generated/operations.js";
import type { Question } from "../shell/confirm-dialog.js";
import { ShowMore } from "../shell/panel.js";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import type { MadeLink } from "./invite-form.js";
import { MemberTable, nameOf, type MemberRow } from "./member-table.js";

/** Who belongs to the organization. */
export function Members({
  onAsk,
  onLink,
}: {
  readonly onAsk: (question: Question) => void;
  readonly onLink: (made: MadeLink) => void;
}): ReactNode {
  const { words, say } = useSpeech();
  const { data, error, refetch, fetchMore } = useQuery(PeopleDocument, {
    fetchPolicy: "cache-and-network",
  });
  const [updateMember, updating] = useMutation(UpdateMemberDocument);
  const [removeMember] = useMutation(RemoveMemberDocument);
  const [createResetLink, resetting] = useMutation(CreateResetLinkDocument, {
    // The answer holds the link, which is nobody's to keep.
    fetchPolicy: "no-cache",
  });
  const members = data?.me?.organization.members;
  const trouble = error ?? updating.error ?? resetting.error;

  const setRole = (member: MemberRow, role: Role): void =>
    void updateMember({ variables: { input: { userId: member.user.id, role } } })
      .catch(() => {
        // What it failed with is shown; the table then says what is true.
      })
      .then(() => refetch());
  const askToRemove = (member: MemberRow): void =>
    onAsk({
      title: say(words.people.removeTitle, { name: nameOf(member) }),
      text: words.people.removeHelp,
      action: words.people.remove,
      perform: async () => {
        await removeMember({ variables: { input: { userId: member.user.id } } });
        await refetch();
      },
    });
  const makeReset = (member: MemberRow): void =>
    void createResetLink({ variables: { input: { userId: member.user.id } } }).then(
      ({ data: answer }) => {
        const link = answer?.createResetLink?.link;
        if (link !== undefined) onLink({ name: nameOf(member), link });
      },
      () => {
        // What it failed with is shown.
      },
    );
  const showMore = (after: string | null): void =>
    void fetchMore({
      variables: { after },
      updateQuery: (before, { fetchMoreResult: { me } }) => ({ me: me && joined(before.me, me) }),
    });

  return (
    <>
      {trouble && <Trouble error={trouble} {...(error && { onTryAgain: () => void refetch() })} />}
      {!members && !error && <Loading />}
      {members && (
        <MemberTable
          members={members.nodes}
          onRole={setRole}
          onRemove={askToRemove}
          onReset={makeReset}
        />
      )}
      {members?.pageInfo.hasNextPage && (
        <ShowMore onClick={() => showMore(members.pageInfo.endCursor)} />
      )}
    </>
  );
}

type Me = NonNullable<PeopleQuery["me"]>;

/** A page of members, behind those before it. */
function joined(before: Me | null, { organization, ...me }: Me): Me {
  const { members } = organization;
  const nodes = [...(before?.organization.members?.nodes ?? []), ...(members?.nodes ?? [])];
  return { ...me, organization: { ...organization, members: members && { ...members, nodes } } };
}
